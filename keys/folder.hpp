#pragma once
// The folder of one domain's keys, below keys.directory:
//
//     DIRECTORY/example.org/s20261124r.pem     private keys, one a selector
//     DIRECTORY/example.org/rotation           the stage of each that rotates (dkim/rotation.hpp)
//     DIRECTORY/example.org/lock
//
// Several programs write there, one after the other: signetd, and people with `signet key`. Files appear whole or not at
// all, and belong to whom the folder belongs to, so that what root makes signetd can read.

#include <stdexcept>
#include <string>
#include <vector>

#include "base/descriptor.hpp"
#include "base/domain.hpp"
#include "dkim/rotation.hpp"

namespace keys {

/// One line: the path, and what was wrong with it.
class FolderError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Folder {
 public:
  static constexpr std::size_t max_keys = 256;  // files looked at

  /// Touches nothing yet.
  Folder(const std::string& directory, const base::Domain& domain);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string key_path(const std::string& selector) const;
  [[nodiscard]] bool has_key(const std::string& selector) const;
  /// Of all key files, in order; none where there is no folder. Throws FolderError.
  [[nodiscard]] std::vector<std::string> selectors() const;

  /// What the file says; a key file of which it says nothing is none of it. Empty where there is no such file. Throws
  /// FolderError with file and line.
  [[nodiscard]] dkim::Rotation read_rotation() const;

  /// From here on nobody else writes. Makes the folder, mode 0750, where it is not there.
  class Lock {
   public:
    /// Waits for another at most half a second. Throws FolderError.
    explicit Lock(const Folder& folder);

   private:
    base::Descriptor descriptor_;
  };

  // With the lock held. They throw FolderError.
  void write_rotation(const dkim::Rotation& rotation) const;
  /// Mode 0600. An existing file is an error.
  void write_key(const std::string& selector, const dkim::PrivateKey& key) const;
  void remove_key(const std::string& selector) const;

 private:
  std::string path_;
};

}  // namespace keys
