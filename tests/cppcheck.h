/* cppcheck.h -- what cppcheck must know of jansson, whose headers it doesn't read. */
#define json_array_foreach(array, i, v) for (i = 0; i < json_array_size(array) && (v = json_array_get(array, i)) != 0; i++)
#define json_object_foreach(object, key, v) for (key = 0, v = 0; key;)
