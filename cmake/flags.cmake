# SPDX-License-Identifier: Apache-2.0
# Warnings and hardening, for every target of the project.
include(CheckCCompilerFlag)

set(VS_WARN -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wcast-qual -Wcast-align -Wwrite-strings -Wmissing-prototypes
    -Wstrict-prototypes -Wold-style-definition -Wredundant-decls -Wformat=2
    -Wundef -Wvla -Wimplicit-fallthrough -Wswitch-enum -Wnull-dereference)
if(VS_WERROR)
  list(APPEND VS_WARN -Werror)
endif()

set(VS_FLAGS -D_GNU_SOURCE -fvisibility=hidden -fno-common
    -fstack-protector-strong)
# As needed: the command line links the library of the seals for the policies
# of a TPM alone, and shall not load what speaks to one.
set(VS_LINK -Wl,-z,noexecstack -Wl,--as-needed)
# What instrumented code asks of the system, the cages do not allow.
if(VS_SANITIZE OR VS_COVERAGE OR VS_FUZZ)
  list(APPEND VS_FLAGS -DVS_UNCAGED)
endif()
if(VS_SANITIZE)
  list(APPEND VS_FLAGS -fsanitize=${VS_SANITIZE} -fno-omit-frame-pointer)
  list(APPEND VS_LINK -fsanitize=${VS_SANITIZE})
  if(VS_SANITIZE MATCHES "undefined")
    list(APPEND VS_FLAGS -fno-sanitize-recover=all)
  endif()
else()
  # The sanitizers bring their own checks; gcc's flow analysis warns falsely
  # under them, so the frame limit is a matter of plain builds only.
  list(APPEND VS_WARN -Wframe-larger-than=8192)
  list(APPEND VS_FLAGS -fstack-clash-protection)
  if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT VS_COVERAGE)
    list(APPEND VS_FLAGS -D_FORTIFY_SOURCE=2)
  endif()
  list(APPEND VS_LINK -Wl,-z,relro -Wl,-z,now)
  set(VS_PIE -pie)
  check_c_compiler_flag(-fcf-protection=full VS_HAVE_CF)
  if(VS_HAVE_CF)
    list(APPEND VS_FLAGS -fcf-protection=full)
  endif()
endif()
# Not under valgrind-checked or sanitized builds: it would hide reads of
# uninitialised memory from them.
if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT VS_SANITIZE AND NOT VS_COVERAGE)
  check_c_compiler_flag(-ftrivial-auto-var-init=zero VS_HAVE_AUTO_INIT)
  if(VS_HAVE_AUTO_INIT)
    list(APPEND VS_FLAGS -ftrivial-auto-var-init=zero)
  endif()
endif()
if(VS_COVERAGE)
  list(APPEND VS_FLAGS --coverage -fprofile-update=atomic)
  list(APPEND VS_LINK --coverage)
endif()
if(VS_FUZZ)
  list(APPEND VS_FLAGS -fsanitize=fuzzer-no-link)
endif()

function(vs_flags target)
  target_compile_options(${target} PRIVATE ${VS_WARN} ${VS_FLAGS})
  target_link_options(${target} PRIVATE ${VS_LINK})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_link_options(${target} PRIVATE ${VS_PIE})
  endif()
endfunction()
