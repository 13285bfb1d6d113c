/* url.h -- a file's name as a URL (RFC 3986, RFC 8089), whatever bytes it is made of. */
#ifndef AVA_URL_H
#define AVA_URL_H

/* "file:///..." for a path from the root, a relative reference for another path, an address as it is (percent-encoded where it
 * has to be), "pushed" for NULL. To be freed; NULL: out of memory. */
char *ava_file_url(const char *file);

#endif
