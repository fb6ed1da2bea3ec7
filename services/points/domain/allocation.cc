#include "services/points/domain/allocation.h"

#include <absl/numeric/int128.h>

#include <algorithm>
#include <numeric>

namespace loyalty::points {

std::vector<int64_t> Allocate(int64_t points, std::span<const int64_t> weights) {
  std::vector<int64_t> shares(weights.size(), 0);
  if (weights.empty()) return shares;
  absl::int128 sum = 0;
  for (const int64_t weight : weights) sum += weight;
  if (sum == 0) {
    shares.front() = points;
    return shares;
  }
  std::vector<absl::int128> rests(weights.size());
  int64_t left = points;
  for (size_t i = 0; i < weights.size(); ++i) {
    const absl::int128 exact = absl::int128(points) * weights[i];
    shares[i] = static_cast<int64_t>(exact / sum);
    rests[i] = exact % sum;
    left -= shares[i];
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rests[a] > rests[b]; });
  for (size_t i = 0; left > 0; ++i, --left) ++shares[order[i]];
  return shares;
}

}  // namespace loyalty::points
