// Randomness that nobody can guess, from the cryptographic random source. Without one the program ends.
#pragma once

#include <cstddef>
#include <string>

namespace loyalty::referral {

std::string SecureRandom(size_t count);

}  // namespace loyalty::referral
