# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=file.c -DDIR=migrations -DLIST=a.sql,b.sql -P embed.cmake
# Writes the migrations as C arrays. They are numbered from 001 upwards, none
# twice, and none lies in the folder without being listed. A number that is not
# used is an empty step, so that the number of a step is its place.
file(GLOB found RELATIVE "${DIR}" "${DIR}/[0-9]*.sql")
list(SORT found)
string(REPLACE "," ";" files "${LIST}")
if(NOT "${files}" STREQUAL "${found}")
	message(FATAL_ERROR "migrations listed: ${files}; in ${DIR}: ${found}")
endif()

set(arrays "")
set(rows "")
set(expected 1)

function(embed file variable out)
	file(READ "${DIR}/${file}" hex HEX)
	string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	set(${out} "static const unsigned char ${variable}[] = {\n${bytes}0x00};\n"
		PARENT_SCOPE)
endfunction()

foreach(file ${files})
	string(SUBSTRING "${file}" 0 3 digits)
	math(EXPR number "1${digits} - 1000")
	if(number LESS expected)
		message(FATAL_ERROR
			"migration ${file}: the number is used twice")
	endif()
	while(expected LESS number)
		string(APPEND rows "\t{\"unused\", \"\"},\n")
		math(EXPR expected "${expected} + 1")
	endwhile()
	math(EXPR expected "${expected} + 1")
	embed("${file}" "sql_${digits}" array)
	string(APPEND arrays "${array}")
	string(APPEND rows "\t{\"${file}\", (const char *)sql_${digits}},\n")
endforeach()
embed("grants.sql" "sql_grants" array)
string(APPEND arrays "${array}")

file(WRITE "${OUT}.new" "/* Written by embed.cmake. */
#include \"migrations.h\"

${arrays}
const struct dg_store_migration dg_store_migrations[] = {
${rows}\t{NULL, NULL},
};
const char *const dg_store_grants = (const char *)sql_grants;
")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
