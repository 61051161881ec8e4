#include "tests/cost/meter.hpp"

#include <malloc.h>
#include <atomic>
#include <cerrno>
#include <ctime>

namespace test {
namespace {

std::atomic<long long> in_use = 0;
std::atomic<long long> most = 0;

double process_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace

#ifndef SIGNET_SANITIZED
namespace {

void* taken(void* block) {
  const auto size = static_cast<long long>(malloc_usable_size(block));
  const long long now = in_use.fetch_add(size) + size;
  for (long long seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
  return block;
}

void given_back(void* block) { in_use.fetch_sub(static_cast<long long>(malloc_usable_size(block))); }

}  // namespace
#endif

Meter::Meter() : started_(process_seconds()), in_use_(in_use) { most = in_use_; }
double Meter::cpu_seconds() const { return process_seconds() - started_; }
std::size_t Meter::peak_octets() const { return static_cast<std::size_t>(most - in_use_); }

}  // namespace test

#ifndef SIGNET_SANITIZED
// glibc's own functions, under the names it keeps for whoever replaces malloc.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);

void* malloc(std::size_t size) { return test::taken(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) { return test::taken(__libc_calloc(count, size)); }
void* realloc(void* block, std::size_t size) {
  test::given_back(block);
  return test::taken(__libc_realloc(block, size));
}
void* memalign(std::size_t alignment, std::size_t size) { return test::taken(__libc_memalign(alignment, size)); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
void free(void* block) {
  test::given_back(block);
  __libc_free(block);
}
}
#endif
