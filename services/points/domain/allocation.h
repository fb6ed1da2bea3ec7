// Splits points into whole shares.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace loyalty::points {

// Shares of `points` (0 or more) in proportion to the weights (0 or more), whole and adding up to `points`:
// each the floor of its exact share, and one more for those with the largest remainders, the first among
// equals (largest remainder, or Hamilton's method). All weights 0: all goes to the first. No weights: no
// shares.
std::vector<int64_t> Allocate(int64_t points, std::span<const int64_t> weights);

}  // namespace loyalty::points
