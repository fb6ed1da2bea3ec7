// Characters that nobody can guess, for codes that people type.
#pragma once

#include <cstddef>
#include <string>

namespace loyalty::points {

// So many of 23456789ABCDEFGHJKLMNPQRSTUVWXYZ, each with 5 bits from the system's cryptographic random
// source. Without one the program ends.
std::string RandomCharacters(size_t count);

}  // namespace loyalty::points
