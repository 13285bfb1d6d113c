"""A file as a C array: python3 embed.py IN OUT NAME"""
import sys

with open(sys.argv[1], "rb") as f:
    data = f.read()
with open(sys.argv[2], "w") as f:
    print("#include <stddef.h>\nextern const unsigned char %s[];\nextern const size_t %s_size;" % (sys.argv[3], sys.argv[3]), file=f)
    print("const unsigned char %s[] = {" % sys.argv[3], file=f)
    for i in range(0, len(data), 24):
        print(",".join(map(str, data[i:i + 24])) + ",", file=f)
    print("};\nconst size_t %s_size = %d;" % (sys.argv[3], len(data)), file=f)
