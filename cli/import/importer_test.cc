#include "cli/import/importer.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

using points::v1::ImportPurchasesRequest;
using points::v1::ImportPurchasesResponse;
using Result = ImportPurchasesResponse::Result;
using Stream = grpc::ServerReaderWriter<ImportPurchasesResponse, ImportPurchasesRequest>;

// A points service in memory that knows orders by their ids. `misbehave` may answer a row otherwise, or end
// the stream.
class FakeService : public points::v1::PointsService::Service {
 public:
  struct Abort {
    grpc::Status status;
  };
  std::function<bool(const ImportRow&, Result&)> misbehave = [](auto&, auto&) { return false; };

  grpc::Status ImportPurchases(grpc::ServerContext*, Stream* stream) override {
    const std::lock_guard lock(mutex_);
    ImportPurchasesRequest request;
    while (stream->Read(&request)) {
      ++messages;
      ImportPurchasesResponse response;
      for (const auto& row : request.rows()) {
        ++rows_received;
        rows_to_validate += request.validate_only() ? 1 : 0;
        try {
          Answer(row, *response.add_results());
        } catch (const Abort& abort) {
          return abort.status;
        }
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  std::map<std::string, std::string> orders;  // and whose they are
  int messages = 0;
  int rows_received = 0;
  int rows_to_validate = 0;

 private:
  void Answer(const ImportRow& row, Result& result) {
    const auto& order_id = row.purchase().order_id();
    result.set_order_id(order_id);
    if (misbehave(row, result)) return;
    const auto [order, is_new] = orders.emplace(order_id, row.member_id());
    if (order->second != row.member_id()) {
      result.mutable_error()->set_code(grpc::StatusCode::ALREADY_EXISTS);
      result.mutable_error()->set_message("the order is somebody else's");
      return;
    }
    result.mutable_recorded()->set_points(row.purchase().total_minor() / 100);
    result.mutable_recorded()->set_replayed(!is_new);
  }

  std::mutex mutex_;
};

class ImporterTest : public ::testing::Test {
 protected:
  ImporterTest() : rejected_path_(absl::StrCat(::testing::TempDir(), "/importer_test_", getpid(), ".csv")) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = points::v1::PointsService::NewStub(server_->InProcessChannel({}));
    options_.program_id = "shop";
    options_.backoff = absl::Milliseconds(1);
  }
  ~ImporterTest() override {
    server_->Shutdown();
    std::filesystem::remove(rejected_path_);
  }

  grpc::Status Import(const std::string& rows) {
    std::istringstream in("order_id,member_id,time,amount,quantity\n" + rows);
    CsvReader csv(in);
    csv.Next();
    const auto parser = PurchaseRowParser::FromHeader(csv.fields(), 2);
    RejectedFile rejected(rejected_path_, {csv.fields().begin(), csv.fields().end()});
    Progress progress(progress_text_, false, 0, absl::Now());
    Importer importer(*stub_, options_, *parser, csv, rejected, progress);
    const grpc::Status status = importer.Run();
    totals_ = importer.totals();
    EXPECT_TRUE(rejected.Close().ok());
    return status;
  }

  std::string Rejected() const {
    std::ifstream file(rejected_path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  FakeService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<points::v1::PointsService::Stub> stub_;
  ImportOptions options_;
  const std::string rejected_path_;
  std::ostringstream progress_text_;
  ImportTotals totals_;
};

// Orders of a dollar each, with the numbers first to last.
std::string Orders(int first, int last) {
  std::string rows;
  for (int i = first; i <= last; ++i) absl::StrAppend(&rows, "o-", i, ",m-", i % 7, ",20240101,1.00,1\n");
  return rows;
}

void FailTemporarily(Result& result, grpc::StatusCode code) { result.mutable_error()->set_code(code); }

TEST_F(ImporterTest, OnlyValidatesIfAskedTo) {
  options_.validate_only = true;
  ASSERT_TRUE(Import(Orders(1, 1'000)).ok());
  EXPECT_EQ(totals_.accepted, 1'000);
  EXPECT_EQ(service_.rows_to_validate, 1'000);
}

TEST_F(ImporterTest, RecordsEveryRowOnce) {
  ASSERT_TRUE(Import(Orders(1, 20'000)).ok());
  EXPECT_EQ(totals_.rows, 20'000);
  EXPECT_EQ(totals_.accepted, 20'000);
  EXPECT_EQ(totals_.points, 20'000);
  EXPECT_EQ(service_.orders.size(), 20'000u);
  EXPECT_LE(service_.messages, 100);
  EXPECT_FALSE(std::filesystem::exists(rejected_path_));
}

TEST_F(ImporterTest, FindsEverythingThereTheSecondTime) {
  ASSERT_TRUE(Import(Orders(1, 1000)).ok());
  ASSERT_TRUE(Import(Orders(1, 1000)).ok());
  EXPECT_EQ(totals_.accepted, 0);
  EXPECT_EQ(totals_.replayed, 1000);
  EXPECT_EQ(totals_.replayed_points, 1000);
}

TEST_F(ImporterTest, AnEmptyFileIsNoCall) {
  ASSERT_TRUE(Import("").ok());
  EXPECT_EQ(totals_.rows, 0);
  EXPECT_EQ(service_.messages, 0);
}

TEST_F(ImporterTest, BadRowsStopNothingAndAreWrittenOutWithTheirReasons) {
  service_.misbehave = [](const ImportRow& row, Result& result) {
    if (row.purchase().order_id() != "o-2") return false;
    result.mutable_error()->set_code(grpc::StatusCode::INVALID_ARGUMENT);
    result.mutable_error()->set_message("not that, please");
    return true;
  };
  ASSERT_TRUE(Import(Orders(1, 2) + "bad,m,20240101,\"1,50\",1\nshort,m\n" + Orders(3, 4)).ok());
  EXPECT_EQ(totals_.accepted, 3);
  EXPECT_EQ(totals_.refused, 3);
  const std::string rejected = Rejected();
  EXPECT_NE(rejected.find("order_id,member_id,time,amount,quantity,reason,message\n"), std::string::npos);
  EXPECT_NE(rejected.find("o-2,m-2,20240101,1.00,1,,\"not that, please\"\n"), std::string::npos) << rejected;
  EXPECT_NE(rejected.find("bad,m,20240101,\"1,50\",1,MALFORMED,\"line 4: '1,50' is not an amount"),
            std::string::npos)
      << rejected;
  EXPECT_NE(rejected.find("short,m,,,,MALFORMED,\"line 5: the row has 2 columns, the header line 5\"\n"),
            std::string::npos)
      << rejected;
}

TEST_F(ImporterTest, ASecondRowWithAnOrderIdIsAnsweredForItself) {
  ASSERT_TRUE(Import("x,ada,20240101,1.00,1\nx,ada,20240101,1.00,1\nx,bob,20240101,1.00,1\n").ok());
  EXPECT_EQ(totals_.accepted, 1);
  EXPECT_EQ(totals_.replayed, 1);
  EXPECT_EQ(totals_.refused, 1);
  EXPECT_NE(Rejected().find("x,bob,"), std::string::npos);
}

TEST_F(ImporterTest, SendsRowsAgainThatTheServerCannotTakeNow) {
  std::map<std::string, int> attempts;
  service_.misbehave = [&](const ImportRow& row, Result& result) {
    const int attempt = ++attempts[row.purchase().order_id()];
    if (attempt > 2) return false;
    FailTemporarily(result,
                    attempt == 1 ? grpc::StatusCode::RESOURCE_EXHAUSTED : grpc::StatusCode::UNAVAILABLE);
    return true;
  };
  ASSERT_TRUE(Import(Orders(1, 5000)).ok());
  EXPECT_EQ(totals_.accepted, 5000);
  EXPECT_EQ(totals_.refused, 0);
}

TEST_F(ImporterTest, ConnectsAgainAndSendsWhatIsUnanswered) {
  int breaks = 0;
  service_.misbehave = [&](const ImportRow&, Result&) -> bool {
    if (service_.rows_received % 3000 == 0 && ++breaks <= 3) {
      throw FakeService::Abort{{grpc::StatusCode::UNAVAILABLE, "killed"}};
    }
    return false;
  };
  ASSERT_TRUE(Import(Orders(1, 10'000)).ok());
  EXPECT_EQ(breaks, 3);
  EXPECT_EQ(totals_.accepted + totals_.replayed, 10'000);
  EXPECT_EQ(service_.orders.size(), 10'000u);
  EXPECT_NE(progress_text_.str().find("UNAVAILABLE: killed; trying again"), std::string::npos);
}

TEST_F(ImporterTest, TakesAnEarlyEndForABreak) {
  bool ended = false;
  service_.misbehave = [&](const ImportRow&, Result&) -> bool {
    if (std::exchange(ended, true)) return false;
    throw FakeService::Abort{grpc::Status::OK};
  };
  ASSERT_TRUE(Import(Orders(1, 10)).ok());
  EXPECT_EQ(totals_.accepted, 10);
}

TEST_F(ImporterTest, GivesUpAtOnceOnWhatTimeDoesNotHeal) {
  service_.misbehave = [](const ImportRow&, Result&) -> bool {
    throw FakeService::Abort{{grpc::StatusCode::NOT_FOUND, "no such program"}};
  };
  EXPECT_EQ(Import(Orders(1, 10)).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(totals_.done(), 0);
}

TEST_F(ImporterTest, GivesUpWhenItsPatienceIsOver) {
  options_.retry_for = absl::Milliseconds(20);
  service_.misbehave = [](const ImportRow&, Result&) -> bool {
    throw FakeService::Abort{{grpc::StatusCode::UNAVAILABLE, "gone"}};
  };
  EXPECT_EQ(Import(Orders(1, 10)).error_message(), "gone");

  service_.misbehave = [](const ImportRow&, Result& result) {
    FailTemporarily(result, grpc::StatusCode::UNAVAILABLE);
    return true;
  };
  EXPECT_EQ(Import(Orders(1, 10)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace loyalty::cli
