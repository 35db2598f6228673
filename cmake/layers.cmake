# SPDX-License-Identifier: Apache-2.0

# vs_library(name folder DEPS libs...): every .c of src/<folder> itself (not
# of its sub-folders) as the static library vs_<name>.
function(vs_library name folder)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.c)
  if(NOT sources)
    add_library(vs_${name} INTERFACE)
    target_link_libraries(vs_${name} INTERFACE ${ARG_DEPS})
    return()
  endif()
  add_library(vs_${name} STATIC ${sources})
  target_include_directories(vs_${name} PUBLIC
    ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(vs_${name} PUBLIC ${ARG_DEPS})
  target_compile_definitions(vs_${name} PRIVATE
    VS_VERSION="${PROJECT_VERSION}")
  vs_flags(vs_${name})
endfunction()

# vs_program(name libs...): src/<name>.c, wiring only.
function(vs_program name)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/src/${name}.c)
    return()
  endif()
  add_executable(${name} ${CMAKE_SOURCE_DIR}/src/${name}.c)
  target_link_libraries(${name} PRIVATE ${ARGN})
  target_compile_definitions(${name} PRIVATE VS_VERSION="${PROJECT_VERSION}")
  vs_flags(${name})
endfunction()
