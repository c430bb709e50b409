# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=file.c -DIN=openapi.yaml -P embed.cmake
# Writes the description of the API as a C array.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE "${OUT}.new" "/* Written by embed.cmake. */
#include \"openapi.h\"

static const unsigned char text[] = {
${bytes}0x00};
const char *const dg_openapi = (const char *)text;
")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
