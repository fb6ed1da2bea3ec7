#include "common/rpc/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace loyalty::rpc {
namespace {

constexpr int64_t kYear1 = -62'135'596'800, kYear10000 = 253'402'300'800;  // in seconds of Unix time

google::protobuf::Timestamp Timestamp(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp out;
  out.set_seconds(seconds);
  out.set_nanos(nanos);
  return out;
}

RC_GTEST_PROP(Time, OfTheProtocolsRangeComesBackAsItWas, ()) {
  const auto micros = *rc::gen::inRange<int64_t>(kYear1 * 1'000'000, kYear10000 * 1'000'000);
  const absl::Time time = absl::FromUnixMicros(micros);
  const google::protobuf::Timestamp timestamp = ToProto(time);
  RC_ASSERT(timestamp.nanos() >= 0 && timestamp.nanos() <= 999'999'999);
  RC_ASSERT(ToTime(timestamp) == time);
}

TEST(Time, IsRoundedDownToMicroseconds) {
  EXPECT_EQ(ToTime(Timestamp(1, 1999)), absl::FromUnixMicros(1'000'001));
  EXPECT_EQ(ToProto(absl::FromUnixNanos(1999)).nanos(), 1000);
  EXPECT_EQ(ToProto(absl::FromUnixNanos(-1)).seconds(), -1);
  EXPECT_EQ(ToProto(absl::FromUnixNanos(-1)).nanos(), 999'999'000);
}

TEST(Time, OutsideTheProtocolsRangeIsTheInfiniteFuture) {
  EXPECT_LT(ToTime(Timestamp(kYear1, 0)), absl::UnixEpoch());
  EXPECT_LT(ToTime(Timestamp(kYear10000 - 1, 999'999'999)), absl::InfiniteFuture());
  for (const auto& none : {Timestamp(kYear1 - 1, 0), Timestamp(kYear10000, 0), Timestamp(0, -1),
                           Timestamp(0, 1'000'000'000), Timestamp(INT64_MIN, 0), Timestamp(INT64_MAX, 0)}) {
    EXPECT_EQ(ToTime(none), absl::InfiniteFuture()) << none.ShortDebugString();
  }
}

TEST(Duration, KeepsItsSecondsAndTheirFraction) {
  google::protobuf::Duration duration;
  duration.set_seconds(90);
  EXPECT_EQ(ToDuration(duration), absl::Seconds(90));
  EXPECT_EQ(ToProto(absl::Seconds(90)).seconds(), 90);
  duration.set_nanos(1);
  EXPECT_EQ(ToDuration(duration), absl::Seconds(90) + absl::Nanoseconds(1));
}

}  // namespace
}  // namespace loyalty::rpc
