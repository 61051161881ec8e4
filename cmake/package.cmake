# What is installed, and the Debian package: cmake --install build/release --prefix /usr, or cpack in a build folder.

include(GNUInstallDirs)

install(TARGETS signetd DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS signet DESTINATION ${CMAKE_INSTALL_BINDIR})
# install_compressed(file folder [name]): without the time in it, so that a package can be made again octet for octet.
function(install_compressed file folder)
  get_filename_component(name ${file} NAME)
  install(CODE "
    execute_process(COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/${file}
      OUTPUT_FILE ${PROJECT_BINARY_DIR}/dist/${name}.gz COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${PROJECT_BINARY_DIR}/dist/${name}.gz DESTINATION ${folder})
endfunction()

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/dist)
install_compressed(dist/man/signetd.8 ${CMAKE_INSTALL_MANDIR}/man8)
install_compressed(dist/man/signet.1 ${CMAKE_INSTALL_MANDIR}/man1)
install_compressed(dist/man/signet.toml.5 ${CMAKE_INSTALL_MANDIR}/man5)
install_compressed(dist/debian/changelog ${CMAKE_INSTALL_DOCDIR})
# install_completion(shell folder file): made by the program that it completes, so that it knows all of it.
function(install_completion shell folder file)
  install(CODE "
    execute_process(COMMAND \"${PROJECT_BINARY_DIR}/signet\" --completion ${shell}
      OUTPUT_FILE \"${PROJECT_BINARY_DIR}/dist/${file}\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${PROJECT_BINARY_DIR}/dist/${file} DESTINATION ${folder} RENAME ${file})
endfunction()
install_completion(bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions signet)
install_completion(zsh ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions _signet)
# Where the programs look for it, whatever the prefix.
install(FILES conf/signet.toml DESTINATION /etc/signet)
install(FILES dist/grafana/signet.json DESTINATION ${CMAKE_INSTALL_DATADIR}/signet/grafana)
install(FILES dist/prometheus/signet.rules.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/signet/prometheus)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
# The unit names the daemon by its whole path, and only the installation knows the prefix.
install(CODE "
  file(READ \"${PROJECT_SOURCE_DIR}/dist/systemd/signet.service\" unit)
  string(REPLACE /usr/sbin/ \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_SBINDIR}/\" unit \"\${unit}\")
  file(WRITE \"${PROJECT_BINARY_DIR}/dist/signet.service\" \"\${unit}\")")
install(FILES ${PROJECT_BINARY_DIR}/dist/signet.service dist/systemd/signet.socket DESTINATION lib/systemd/system)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME signet)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Signet developers <signet@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "mail filter that does SPF, DKIM and DMARC for Postfix and Sendmail")
set(CPACK_PACKAGE_DESCRIPTION "One daemon checks SPF, verifies and makes DKIM signatures, evaluates DMARC
(RFC 9989) and accepts, quarantines, defers or refuses mail. It stands where
opendkim, opendmarc and policyd-spf stood, on one milter socket.
.
The tool signet explains every verdict, and moves a setup of those three over.")
set(CPACK_SET_DESTDIR ON)  # a file of ours is outside the prefix
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "default-mta | mail-transport-agent, publicsuffix")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(script postinst prerm postrm conffiles)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/dist/debian/${script})
endforeach()
install(FILES dist/debian/lintian-overrides DESTINATION share/lintian/overrides RENAME signet)
install(FILES dist/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
include(CPack)
