#include "services/points/service/program_service.h"

#include "services/points/service/convert_policy.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class ProgramService : public ServerTest {
 protected:
  std::vector<std::string> ListIds(int page_size) {
    std::vector<std::string> ids;
    std::string token;
    do {
      const auto page = Call(&Programs::ListPrograms,
                             absl::StrCat("page_size: ", page_size, ", page_token: '", token, "'"));
      EXPECT_TRUE(page.ok()) << page;
      EXPECT_LE(page->programs_size(), page_size);
      for (const auto& program : page->programs()) ids.push_back(program.program_id());
      token = page->next_page_token();
    } while (!token.empty());
    return ids;
  }
};

constexpr char kCafe[] =
    "program: {program_id: 'cafe', display_name: 'Café ☕', currency_code: 'EUR', time_zone: 'Europe/Rome', "
    "points_name: "
    "{singular: 'bean', plural: 'beans'}, base_earn_rate: {points: 3, per_major_units: 20}, rounding_mode: "
    "'ROUNDING_MODE_HALF_EVEN', enrollment_mode: 'ENROLLMENT_MODE_EXPLICIT'}";

TEST_F(ProgramService, IsCreatedReadChangedAndListed) {
  const auto created = Call(&Programs::CreateProgram, kCafe);
  ASSERT_TRUE(created.ok()) << created;
  auto expected = Parse<v1::CreateProgramRequest>(kCafe).program();
  expected.mutable_create_time()->set_seconds(absl::ToUnixSeconds(testing::kTestStart));
  *expected.mutable_update_time() = expected.create_time();
  *expected.mutable_policies() = ToProto(Policies());  // the defaults
  EXPECT_THAT(created->program(), IsMessage(expected));
  EXPECT_THAT(Call(&Programs::GetProgram, "program_id: 'cafe'")->program(), IsMessage(expected));

  server_.clock().Advance(absl::Hours(1));
  const auto updated = Call(&Programs::UpdateProgram,
                            "program: {program_id: 'cafe', display_name: 'Bar', base_earn_rate: {points: 1, "
                            "per_major_units: 2}}, update_mask: 'displayName'");
  ASSERT_TRUE(updated.ok()) << updated;
  expected.set_display_name("Bar");
  expected.mutable_update_time()->set_seconds(expected.create_time().seconds() + 3600);
  EXPECT_THAT(updated->program(), IsMessage(expected)) << "what the mask does not name stays";
  EXPECT_THAT(Call(&Programs::GetProgram, "program_id: 'cafe'")->program(), IsMessage(expected));
  EXPECT_THAT(Call(&Programs::ListPrograms, "")->programs(0), IsMessage(expected));
}

TEST_F(ProgramService, FillsInTheDefaults) {
  const auto program = Call(&Programs::GetProgram, "program_id: 'shop'")->program();
  EXPECT_EQ(program.points_name().singular(), "point");
  EXPECT_EQ(program.points_name().plural(), "points");
  EXPECT_EQ(program.base_earn_rate().points(), 1);
  EXPECT_EQ(program.base_earn_rate().per_major_units(), 1);
  EXPECT_EQ(program.rounding_mode(), v1::ROUNDING_MODE_FLOOR);
  EXPECT_EQ(program.enrollment_mode(), v1::ENROLLMENT_MODE_OPEN);
}

TEST_F(ProgramService, TheSameProgramAgainGetsTheOriginalAnswer) {
  const auto first = Call(&Programs::CreateProgram, kCafe);
  EXPECT_FALSE(first.replayed);
  server_.clock().Advance(absl::Hours(1));
  const auto again = Call(&Programs::CreateProgram, kCafe);
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_TRUE(Call(&Programs::CreateProgram, kShop).replayed) << "also one that left out the defaults";
}

TEST_F(ProgramService, TheSameIdWithOtherSettingsIsRefused) {
  for (const std::string validate_only : {"", ", validate_only: true"}) {
    const auto reply =
        Call(&Programs::CreateProgram,
             "program: {program_id: 'shop', display_name: 'Other', currency_code: 'USD', time_zone: "
             "'America/New_York'}" +
                 validate_only);
    EXPECT_THAT(reply, Refused(StatusCode::ALREADY_EXISTS, "PROGRAM_ALREADY_EXISTS"));
    EXPECT_THAT(reply.error.metadata, ElementsAre(Pair("program_id", "shop")));
  }
}

TEST_F(ProgramService, ATrialWritesNothing) {
  const std::string before = Written();
  const auto trial = Call(&Programs::CreateProgram, std::string(kCafe) + ", validate_only: true");
  ASSERT_TRUE(trial.ok()) << trial;
  EXPECT_EQ(trial->program().program_id(), "cafe");
  server_.clock().Advance(absl::Hours(1));
  const auto update = Call(&Programs::UpdateProgram,
                           "program: {program_id: 'shop', display_name: 'New'}, update_mask: 'displayName', "
                           "validate_only: true");
  ASSERT_TRUE(update.ok()) << update;
  EXPECT_EQ(update->program().display_name(), "New");
  EXPECT_EQ(Written(), before);
  EXPECT_EQ(Call(&Programs::GetProgram, "program_id: 'shop'")->program().display_name(), "The shop");
  EXPECT_THAT(Call(&Programs::GetProgram, "program_id: 'cafe'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

TEST_F(ProgramService, AnUpdateChangesWhatTheMaskNamesAndNothingElseCanChange) {
  const auto updated =
      Call(&Programs::UpdateProgram,
           "program: {program_id: 'shop', points_name: {singular: 'star', plural: 'stars'}, "
           "base_earn_rate: {points: 2, per_major_units: 5}, rounding_mode: 'ROUNDING_MODE_HALF_UP', "
           "enrollment_mode: 'ENROLLMENT_MODE_EXPLICIT', currency_code: 'EUR'}, update_mask: "
           "'pointsName,baseEarnRate,roundingMode,enrollmentMode'");
  ASSERT_TRUE(updated.ok()) << updated;
  EXPECT_EQ(updated->program().points_name().plural(), "stars");
  EXPECT_EQ(updated->program().base_earn_rate().per_major_units(), 5);
  EXPECT_EQ(updated->program().rounding_mode(), v1::ROUNDING_MODE_HALF_UP);
  EXPECT_EQ(updated->program().enrollment_mode(), v1::ENROLLMENT_MODE_EXPLICIT);
  EXPECT_EQ(updated->program().display_name(), "The shop");
  EXPECT_EQ(updated->program().currency_code(), "USD");
  for (const char* mask : {"currencyCode", "timeZone", "programId", "createTime", "nonsense",
                           "displayName,nonsense", "displayName.x"}) {
    const auto reply =
        Call(&Programs::UpdateProgram,
             absl::StrCat("program: {program_id: 'shop', display_name: 'New', currency_code: 'EUR', "
                          "time_zone: 'UTC'}, update_mask: '",
                          mask, "'"));
    EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "UPDATE_MASK_INVALID")) << mask;
    EXPECT_FALSE(reply.error.violations.empty());
  }
  EXPECT_THAT(Call(&Programs::GetProgram, "program_id: 'shop'")->program(), IsMessage(updated->program()));
}

TEST_F(ProgramService, AnUpdateNeedsAMaskAndAProgramAndValidValues) {
  const auto refused = [&](const std::string& json, const std::string& field, const std::string& reason) {
    const auto reply = Call(&Programs::UpdateProgram, json);
    EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, reason)) << json;
    EXPECT_THAT(reply.error.violations, ElementsAre(field + " " + reason)) << json;
  };
  refused("program: {program_id: 'shop', display_name: 'New'}", "update_mask", "FIELD_REQUIRED");
  refused("program: {program_id: 'shop'}, update_mask: 'displayName'", "program.display_name",
          "FIELD_REQUIRED");
  refused(
      "program: {program_id: 'shop', base_earn_rate: {points: -1, per_major_units: 1}}, update_mask: "
      "'baseEarnRate'",
      "program.base_earn_rate.points", "NEGATIVE");
  refused("program: {display_name: 'New'}, update_mask: 'displayName'", "program.program_id",
          "FIELD_REQUIRED");
  EXPECT_THAT(Call(&Programs::UpdateProgram,
                   "program: {program_id: 'x', display_name: 'x'}, update_mask: 'displayName'"),
              Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

TEST_F(ProgramService, AnUpdateHoldsForWhatComesAfterIt) {
  const auto buy = [&](int order) {
    return Call(&Points::RecordPurchase,
                absl::StrCat("member_id: 'anna', request_id: 'r", order, "', purchase: {order_id: 'o", order,
                             "', purchase_time: '2026-05-01T10:00:00Z', total_minor: 999}"));
  };
  const auto before = buy(1);
  EXPECT_EQ(before->entry().points(), 9);
  Made(&Programs::UpdateProgram,
       "program: {program_id: 'shop', base_earn_rate: {points: 10, per_major_units: 1}, rounding_mode: "
       "'ROUNDING_MODE_HALF_UP'}, update_mask: 'baseEarnRate,roundingMode'");
  EXPECT_EQ(buy(2)->entry().points(), 100);
  EXPECT_THAT(*buy(1), IsMessage(*before)) << "what is posted is not decided again";
}

TEST_F(ProgramService, EverythingThatIsWrongWithAProgramIsToldAtOnce) {
  const std::string before = Written();
  const auto reply =
      Call(&Programs::CreateProgram,
           "program: {program_id: 'No', currency_code: 'XXX', time_zone: 'Mars/Olympus', base_earn_rate: "
           "{points: -1}}, request_id: '" +
               std::string(65, 'x') + "'");
  EXPECT_EQ(reply.error.code, StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(
      reply.error.violations,
      UnorderedElementsAre("program.program_id MALFORMED", "program.display_name FIELD_REQUIRED",
                           "program.currency_code UNKNOWN_CURRENCY", "program.time_zone UNKNOWN_TIME_ZONE",
                           "program.base_earn_rate.points NEGATIVE",
                           "program.base_earn_rate.per_major_units NOT_POSITIVE", "request_id TOO_LONG"));
  const auto mode =
      Call(&Programs::CreateProgram,
           "program: {program_id: 'x', display_name: 'x', currency_code: 'USD', time_zone: 'UTC', "
           "rounding_mode: 9}");
  EXPECT_THAT(mode, Refused(StatusCode::INVALID_ARGUMENT, "MALFORMED"));
  EXPECT_THAT(mode.error.violations, ElementsAre("program.rounding_mode MALFORMED"));
  EXPECT_EQ(Written(), before);
}

TEST_F(ProgramService, ATestClockIsPartOfAProgram) {
  const std::string lab =
      "program: {program_id: 'lab', display_name: 'Lab', currency_code: 'USD', time_zone: 'UTC'}";
  const std::string start = ", test_clock: true, test_clock_start_time: '1997-01-01T00:00:00Z'";
  const auto created = Call(&Programs::CreateProgram, lab + start);
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->program().test_clock_time().seconds(), 852'076'800);
  EXPECT_EQ(created->program().create_time().seconds(), 852'076'800);
  EXPECT_TRUE(Call(&Programs::CreateProgram, lab + start).replayed);
  EXPECT_TRUE(Call(&Programs::CreateProgram, lab + ", test_clock: true").replayed);
  for (const std::string other : {"", ", test_clock: true, test_clock_start_time: '1998-01-01T00:00:00Z'"}) {
    EXPECT_THAT(Call(&Programs::CreateProgram, lab + other),
                Refused(StatusCode::ALREADY_EXISTS, "PROGRAM_ALREADY_EXISTS"));
  }
  EXPECT_FALSE(Call(&Programs::GetProgram, "program_id: 'shop'")->program().has_test_clock_time());
}

TEST_F(ProgramService, AnUpdateUnderAKnownRequestIdIsReplayed) {
  const std::string once =
      "program: {program_id: 'shop', display_name: 'One'}, update_mask: 'displayName', request_id: 'u1'";
  const auto first = Call(&Programs::UpdateProgram, once);
  ASSERT_THAT(first, IsOk());
  Made(&Programs::UpdateProgram,
       "program: {program_id: 'shop', display_name: 'Two'}, update_mask: 'displayName'");
  const auto again = Call(&Programs::UpdateProgram, once);
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_EQ(Call(&Programs::GetProgram, "program_id: 'shop'")->program().display_name(), "Two");
  EXPECT_THAT(Call(&Programs::UpdateProgram,
                   "program: {program_id: 'shop', display_name: 'Three'}, update_mask: 'displayName', "
                   "request_id: 'u1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
}

TEST_F(ProgramService, ThePagesOfTheListAreInTheOrderOfIds) {
  for (const char* id : {"b", "a-2", "a_1", "zoo", "0"}) {
    Made(&Programs::CreateProgram,
         absl::StrCat("program: {program_id: '", id,
                      "', display_name: 'x', currency_code: 'USD', time_zone: 'UTC'}"));
  }
  const std::vector<std::string> all = {"0", "a-2", "a_1", "b", "shop", "zoo"};
  for (const int size : {1, 2, 3, 6, 50}) EXPECT_EQ(ListIds(size), all) << size;
  EXPECT_EQ(Call(&Programs::ListPrograms, "page_size: 100000")->programs_size(), 6);
  EXPECT_THAT(Call(&Programs::ListPrograms, "page_size: -1"),
              Refused(StatusCode::INVALID_ARGUMENT, "NEGATIVE"));
  EXPECT_THAT(Call(&Programs::ListPrograms, "page_token: 'nonsense'"),
              Refused(StatusCode::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"));
}

TEST_F(ProgramService, AnUnknownProgramIsNotFound) {
  const auto reply = Call(&Programs::GetProgram, "program_id: 'nowhere'");
  EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
  EXPECT_THAT(reply.error.metadata, ElementsAre(Pair("program_id", "nowhere")));
  EXPECT_THAT(Call(&Programs::GetProgram, "program_id: ''"),
              Refused(StatusCode::INVALID_ARGUMENT, "FIELD_REQUIRED"));
}

}  // namespace
}  // namespace loyalty::points
