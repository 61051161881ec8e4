# One function per kind of thing we build. A folder is a library is a namespace, so the sources of a
# room are the .cpp files in its folder; there is no list to keep in step.

add_library(signet_flags INTERFACE)
target_include_directories(signet_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(signet_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough $<$<BOOL:${SIGNET_WERROR}>:-Werror>)
# What tests and benchmarks are made with after signet_flags: they are not what UBSan is to judge, and are half of its build.
add_library(signet_test_flags INTERFACE)
if(SIGNET_SANITIZE)
  target_compile_options(signet_test_flags INTERFACE -fno-sanitize=undefined)
  target_compile_options(signet_flags INTERFACE -fsanitize=${SIGNET_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(signet_flags INTERFACE -fsanitize=${SIGNET_SANITIZE})
endif()

# signet_precompile(target first headers…): with SIGNET_PRECOMPILE, `target` begins with those headers, compiled once with
# `first`. It hides a missing #include, so what people work with and install is built without.
function(signet_precompile target first)
  if(NOT SIGNET_PRECOMPILE)
    return()
  elseif(target STREQUAL first)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()
set(SIGNET_ROOM_HEADERS <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <string> <string_view> <thread>
  <utility> <variant> <vector> <fmt/format.h> <tl/expected.hpp>)

# signet_room(name PUBLIC libs… PRIVATE libs…): the static library of one folder.
function(signet_room name)
  cmake_parse_arguments(ROOM "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME signet_${name})
  target_link_libraries(${name} PUBLIC signet_flags ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})
  signet_precompile(${name} base ${SIGNET_ROOM_HEADERS})
endfunction()

# signet_program(name folder LINK libs…): a program and, for its tests, a library of all but main.cpp.
function(signet_program name folder)
  cmake_parse_arguments(PROGRAM "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/${folder}/main.cpp)
  add_library(${folder}_parts STATIC ${sources})
  target_link_libraries(${folder}_parts PUBLIC signet_flags ${PROGRAM_LINK})
  signet_precompile(${folder}_parts base)
  add_executable(${name} ${PROJECT_SOURCE_DIR}/${folder}/main.cpp)
  target_link_libraries(${name} PRIVATE ${folder}_parts)
endfunction()

# signet_find_library(name HEADER path): libraries that ship no CMake or pkg-config file.
function(signet_find_library name)
  cmake_parse_arguments(FIND "" "HEADER" "" ${ARGN})
  find_library(SIGNET_${name}_LIBRARY ${name} REQUIRED)
  find_path(SIGNET_${name}_INCLUDE ${FIND_HEADER} REQUIRED)
  add_library(signet_${name} INTERFACE)
  target_link_libraries(signet_${name} INTERFACE ${SIGNET_${name}_LIBRARY})
  target_include_directories(signet_${name} SYSTEM INTERFACE ${SIGNET_${name}_INCLUDE})
endfunction()
