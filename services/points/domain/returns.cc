#include "services/points/domain/returns.h"

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include "common/status/status.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {

absl::StatusOr<Due> DueByReturn(const Original& order, int64_t amount_minor) {
  const int64_t left = order.total_minor - order.returned_minor;
  if (amount_minor > left || left == 0) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition, reason::kReturnExceedsOrder,
        absl::StrCat("Of the order ", order.order_id, ", ", left, " minor units can still be given back, ",
                     amount_minor == 0 ? "which is nothing" : absl::StrCat(amount_minor, " were asked"), "."),
        {{"left_minor", absl::StrCat(left)}, {"asked_minor", absl::StrCat(amount_minor)}});
  }
  const int64_t returned = amount_minor == 0 ? left : amount_minor;
  const absl::int128 so_far = absl::int128(order.returned_minor) + returned;
  // At most `points`, for so_far is at most the total.
  const auto in_all = static_cast<int64_t>(absl::int128(order.points) * so_far / order.total_minor);
  return Due{in_all - order.taken_back, returned};
}

absl::StatusOr<Due> DueByReversal(const Original& award, int64_t points) {
  if (award.kind != EntryKind::kEarn) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kEntryNotReversible,
                  "Only an award, an entry of Earn, can be reversed.", {{"request_id", award.request_id}});
  }
  const int64_t left = award.points - award.taken_back;
  if (points > left || left == 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kReversalExceedsEntry,
                  absl::StrCat("Of the award, ", left, " points can still be taken back, ",
                               points == 0 ? "which is nothing" : absl::StrCat(points, " were asked"), "."),
                  {{"left", absl::StrCat(left)}, {"asked", absl::StrCat(points)}});
  }
  return Due{points == 0 ? left : points, 0};
}

}  // namespace loyalty::points
