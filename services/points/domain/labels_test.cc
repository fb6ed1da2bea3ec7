#include "services/points/domain/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/points/domain/memory_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

const absl::Time kEvening = kNoon + absl::Hours(6);

TEST(Labels, HoldFromTheirBeginningUntilBeforeTheirEnd) {
  const MemberLabels labels = {{"plus", kNoon, kEvening}, {"vip", kNoon}};
  EXPECT_FALSE(Holds(labels, "plus", kNoon - absl::Microseconds(1)));
  EXPECT_TRUE(Holds(labels, "plus", kNoon));
  EXPECT_TRUE(Holds(labels, "plus", kEvening - absl::Microseconds(1)));
  EXPECT_FALSE(Holds(labels, "plus", kEvening));
  EXPECT_TRUE(Holds(labels, "vip", kNoon + absl::Hours(100'000)));
  EXPECT_FALSE(Holds(labels, "gold", kNoon));
}

TEST(Labels, TheSameBeginningAgainReplacesTheEnd) {
  MemberLabels labels;
  ASSERT_TRUE(SetLabel(labels, {"plus", kNoon, kEvening}).ok());
  ASSERT_TRUE(SetLabel(labels, {"gold", kEvening}).ok());
  ASSERT_TRUE(SetLabel(labels, {"plus", kNoon - absl::Hours(9), kNoon}).ok());
  ASSERT_TRUE(SetLabel(labels, {"plus", kNoon, kNoon}).ok());
  EXPECT_THAT(labels,
              ElementsAre(MemberLabel{"gold", kEvening}, MemberLabel{"plus", kNoon - absl::Hours(9), kNoon},
                          MemberLabel{"plus", kNoon, kNoon}));
  EXPECT_FALSE(Holds(labels, "plus", kNoon)) << "it was taken back";
}

TEST(Labels, AreLimited) {
  MemberLabels labels;
  for (size_t i = 0; i < kMaxMemberLabels; ++i) {
    ASSERT_TRUE(SetLabel(labels, {"plus", kNoon + absl::Seconds(static_cast<int64_t>(i))}).ok());
  }
  const absl::Status refused = SetLabel(labels, {"plus", kEvening});
  EXPECT_THAT(refused, IsRefused(absl::StatusCode::kFailedPrecondition, "TOO_MANY_LABELS"));
  EXPECT_EQ(MetadataOf(refused)["limit"], "200");
  EXPECT_TRUE(SetLabel(labels, {"plus", kNoon, kEvening}).ok()) << "an old one still changes";
}

TEST(Labels, AreEntriesOfNoPointsAndEnroll) {
  MemoryStore store;
  const auto set = store.Apply(LabelCommand("r1", "anna", "plus", kNoon, kEvening));
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->entry.kind, EntryKind::kLabel);
  EXPECT_EQ(set->entry.points, 0);
  EXPECT_EQ(set->entry.label, (MemberLabel{"plus", kNoon, kEvening}));
  EXPECT_TRUE(store.Apply(LabelCommand("r1", "anna", "plus", kNoon, kEvening))->replayed);
  EXPECT_THAT(store.Apply(LabelCommand("r1", "anna", "plus", kNoon)),
              IsRefused(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_EQ(store.EntryCount(), 1u);
}

}  // namespace
}  // namespace loyalty::points
