#include "services/referral/service/random.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "common/log/log.h"

namespace loyalty::referral {

std::string SecureRandom(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    log::Error("the system has no randomness", {});
    std::abort();
  }
  return bytes;
}

}  // namespace loyalty::referral
