#include "services/surveys/service/token_source.h"

#include <openssl/rand.h>

#include "services/surveys/domain/invitation.h"

namespace loyalty::surveys {

absl::StatusOr<std::string> NewToken() {
  std::array<uint8_t, kTokenBytes> random;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return absl::InternalError("The system has no randomness.");
  }
  return MakeToken(random);
}

}  // namespace loyalty::surveys
