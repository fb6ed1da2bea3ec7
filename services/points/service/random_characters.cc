#include "services/points/service/random_characters.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

#include "common/log/log.h"

namespace loyalty::points {
namespace {

constexpr char kCharacters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
static_assert(sizeof(kCharacters) == 32 + 1, "each character is 5 bits");

}  // namespace

std::string RandomCharacters(size_t count) {
  std::string text(count, '\0');
  for (size_t filled = 0; filled < count;) {
    const ssize_t got = getrandom(text.data() + filled, count - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      log::Error("the system has no randomness", {});
      std::abort();
    }
    filled += static_cast<size_t>(got);
  }
  for (char& c : text) c = kCharacters[static_cast<unsigned char>(c) % 32];
  return text;
}

}  // namespace loyalty::points
