#include "services/referral/domain/code.h"

#include <map>
#include <set>

#include "services/referral/domain/reason.h"
#include "services/referral/domain/test_kit.h"

namespace loyalty::referral {
namespace {

std::string FaultOf(const std::string& code) {
  Violations violations;
  CheckVanityCode(violations, "code", code);
  return ReasonOf(violations.ToStatus());
}

TEST(GeneratedCode, HasItsLengthAndOnlyLettersOfTheAlphabet) {
  EXPECT_EQ(kCodeAlphabet.size(), 31u);
  EXPECT_EQ(kCodeAlphabet.find_first_of("01ilo"), absl::string_view::npos);
  TestRandom random(1);
  for (int64_t length = kMinCodeLength; length <= kMaxCodeLength; ++length) {
    const std::string code = GenerateCode({.length = length}, random);
    EXPECT_EQ(code.size(), static_cast<size_t>(length));
    EXPECT_EQ(code.find_first_not_of(std::string(kCodeAlphabet)), std::string::npos) << code;
  }
}

TEST(GeneratedCode, FavoursNoLetter) {
  TestRandom random(2);
  std::map<char, int> count;
  constexpr int kCodes = 20'000;
  for (int i = 0; i < kCodes; ++i) {
    for (const char c : GenerateCode({}, random)) ++count[c];
  }
  // 4,516 each; five standard deviations are 331. Without throwing bytes away, eight letters would have 12%
  // more.
  for (const char c : kCodeAlphabet) EXPECT_NEAR(count[c], kCodes * 7 / 31, 331) << c;
}

TEST(GeneratedCode, ThrowsAwayBytesThatWouldFavourTheFirstLetters) {
  const auto random = [bytes = std::string("\xff\xf8\xfa\xf7\x00\x1e\x1f", 7)](size_t count) {
    EXPECT_EQ(count, 4u);
    return bytes;
  };
  EXPECT_EQ(GenerateCode({.length = 4}, random), "z2z2") << "248 and above do not count";
}

TEST(GeneratedCode, IsNeverABlockedOne) {
  std::set<std::string> codes;
  TestRandom random(3);
  for (int i = 0; i < 200; ++i) codes.insert(GenerateCode({.alphabet = "as", .length = 3}, random));
  EXPECT_EQ(codes, (std::set<std::string>{"aaa", "aas", "asa", "saa", "sas", "ssa", "sss"})) << "but not ass";
}

TEST(BlockList, ReadsDigitsAsLettersAndSkipsHyphens) {
  for (const char* code : {"fuck", "xfuckx", "fu-ck", "sh1t", "5h1t2", "n4z1", "ass", "my-ass", "4s5"}) {
    EXPECT_TRUE(IsBlocked(code, CodeKind::kVanity)) << code;
  }
  for (const char* code : {"anna", "grape", "class-of-26", "essex", "scrapbook", "tee-party"}) {
    EXPECT_FALSE(IsBlocked(code, CodeKind::kVanity)) << code;
  }
  EXPECT_TRUE(IsBlocked("2grape3", CodeKind::kGenerated)) << "there are enough others";
  EXPECT_THAT(CheckNotBlocked("my-ass"), IsRefused(absl::StatusCode::kFailedPrecondition, "CODE_BLOCKED"));
}

TEST(VanityCode, HasThreeToFiftyCharacters) {
  EXPECT_EQ(FaultOf("abc"), "");
  EXPECT_EQ(FaultOf("anna-2026"), "");
  EXPECT_EQ(FaultOf(std::string(50, 'x')), "");
  EXPECT_EQ(FaultOf(""), reason::kFieldRequired);
  EXPECT_EQ(FaultOf("ab"), reason::kTooSmall);
  EXPECT_EQ(FaultOf(std::string(51, 'x')), reason::kTooLong);
  EXPECT_EQ(FaultOf("an na"), reason::kMalformed);
  EXPECT_EQ(FaultOf("caf\xc3\xa9"), reason::kMalformed);
}

TEST(Code, CaseAndSpacesAroundItDoNotCount) { EXPECT_EQ(NormalizeCode("  Anna-26\n"), "anna-26"); }

}  // namespace
}  // namespace loyalty::referral
