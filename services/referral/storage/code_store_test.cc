#include "services/referral/storage/code_store.h"

#include <set>
#include <thread>

#include "services/referral/storage/test_store.h"

namespace loyalty::referral {
namespace {

// A code of a member from an alphabet of choice.
absl::StatusOr<Code> GetCode(TestStore& store, const std::string& member, const TestRandom& random,
                             const CodeFormat& format = {}) {
  absl::StatusOr<Code> code;
  const absl::Status status = store.pool.Run([&](postgres::Transaction& tx) {
    const auto issued = CodeStore(tx, kShop).GetOrCreate("spring", member, format, random, kNoon);
    if (issued.ok()) code = issued->code;
    return issued.status();
  });
  if (!status.ok()) return status;
  return code;
}

TEST(CodeStore, AMemberHasOneCodeInACampaignTheSameOnEachRetry) {
  TestStore store;
  const TestRandom random(1);
  const auto first = GetCode(store, "anna", random), again = GetCode(store, "anna", random),
             other = GetCode(store, "bert", random);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->code, again->code);
  EXPECT_NE(first->code, other->code);
  EXPECT_EQ(first->code.size(), 7u);
  store.Do([](auto& tx) { CampaignStore(tx, kShop).Insert(ActiveCampaign(ThreeBrackets(), "summer")); });
  const auto in_summer = store.Ask(
      [&](auto& tx) { return CodeStore(tx, kShop).GetOrCreate("summer", "anna", {}, random, kNoon); });
  EXPECT_NE(in_summer->code.code, first->code);
  EXPECT_TRUE(in_summer->is_new);
}

// 2 letters and 3 places: 8 codes, all of which are given out, though most draws near the end are taken.
TEST(CodeStore, ACollisionIsDrawnAgainUntilTheAlphabetIsUsedUp) {
  TestStore store;
  const TestRandom random(7);
  const CodeFormat tiny{.alphabet = "bc", .length = 3};
  std::set<std::string> codes;
  for (int i = 0; i < 8; ++i) {
    const auto code = GetCode(store, absl::StrCat("m", i), random, tiny);
    ASSERT_TRUE(code.ok()) << i << " " << code.status();
    codes.insert(code->code);
  }
  EXPECT_EQ(codes.size(), 8u);
  EXPECT_THAT(GetCode(store, "m8", random, tiny),
              IsRefused(absl::StatusCode::kResourceExhausted, "CODES_EXHAUSTED"));
  EXPECT_EQ(GetCode(store, "m3", random, tiny)->member_id, "m3") << "who has one keeps it";
}

TEST(CodeStore, OfManyFirstCallsAtOnceAllGetTheSameCode) {
  TestStore store;
  std::vector<std::string> codes(16);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < codes.size(); ++i) {
    threads.emplace_back([&, i] { codes[i] = GetCode(store, "anna", TestRandom(i))->code; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 1u);
}

TEST(CodeStore, AVanityCodeStandsBesideTheOwnOneAndIsSomebodysAlone) {
  TestStore store;
  const auto own = GetCode(store, "anna", TestRandom(1));
  const auto add = [&](const std::string& member, const std::string& code) {
    return store.Ask([&](auto& tx) {
      return CodeStore(tx, kShop).AddVanity({code, CodeKind::kVanity, "spring", member, kNoon});
    });
  };
  EXPECT_TRUE(add("anna", "anna-26")->is_new);
  EXPECT_FALSE(add("anna", "anna-26")->is_new) << "the same again";
  EXPECT_THAT(add("anna", "anna-27"),
              IsRefused(absl::StatusCode::kFailedPrecondition, "VANITY_CODE_ALREADY_SET"));
  EXPECT_THAT(add("bert", "anna-26"), IsRefused(absl::StatusCode::kAlreadyExists, "CODE_TAKEN"));
  EXPECT_THAT(add("bert", own->code), IsRefused(absl::StatusCode::kAlreadyExists, "CODE_TAKEN"));
  EXPECT_EQ(GetCode(store, "anna", TestRandom(2))->code, own->code);
}

TEST(CodeStore, ALookFindsTheCodeAndItsCampaignInItsProgramOnly) {
  TestStore store;
  store.AddCode("anna", "anna-26");
  const auto look = [&](int32_t program, const std::string& code) {
    return store.Ask([&](auto& tx) { return CodeStore(tx, program).LookUp(code); });
  };
  const auto found = look(kShop, "anna-26");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->code.member_id, "anna");
  EXPECT_EQ(found->code.kind, CodeKind::kVanity);
  EXPECT_EQ(found->code.create_time, kNoon);
  EXPECT_EQ(found->campaign.terms, ThreeBrackets());
  EXPECT_FALSE(look(kShop, "anna-27"));
  EXPECT_FALSE(look(kOtherShop, "anna-26"));
}

}  // namespace
}  // namespace loyalty::referral
