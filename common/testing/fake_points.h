// A points service for tests of those who call it: it keeps what it was asked, once for each request id, and
// has events to follow.
//
//   FakePoints points;
//   InProcessServer server(referral::Definition(),
//                          rpc::ServerOptions{.points_address = points.address(), .background = false});
//   points.Emit("shop", purchase_recorded, {.member_id = "anna"});
//   server.RunDue("shop");
//   EXPECT_EQ(points.awards().size(), 1);
#pragma once

#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/work/outbox.h"
#include "loyalty/events/v1/event_service.grpc.pb.h"
#include "loyalty/points/v1/points_service.grpc.pb.h"

namespace loyalty::testing {

class FakePoints {
 public:
  FakePoints();
  ~FakePoints();

  const std::string& address() const { return address_; }

  // What took effect, in the order in which it did.
  std::vector<points::v1::EarnRequest> awards() const;
  std::vector<points::v1::SetMemberLabelRequest> labels() const;
  std::vector<points::v1::ReverseEntryRequest> reversals() const;
  // How many calls came, repeated and refused ones too.
  int calls() const;

  // What a call is to be answered with instead, by its request id's member; OK: it takes effect. For example
  //   points.AnswerWith([](const std::string& member) { return rpc::ToGrpc(…, "loyalty.points.v1"); });
  void AnswerWith(std::function<grpc::Status(const std::string& member_id)> answer);
  // From now on, an effect is not told to who asked for it: the connection breaks.
  void LoseAnswers(bool lose);

  // A new event of a program. Returns its position.
  int64_t Emit(const std::string& program_id, const google::protobuf::Message& payload,
               const work::EventFacts& facts = {});

 private:
  class PointsImpl;
  class EventsImpl;
  // What all calls have in common: OK, if it is to take effect now.
  template <class Request>
  grpc::Status Take(const Request& request, std::vector<Request>& taken);

  mutable absl::Mutex mutex_;
  std::vector<points::v1::EarnRequest> awards_ ABSL_GUARDED_BY(mutex_);
  std::vector<points::v1::SetMemberLabelRequest> labels_ ABSL_GUARDED_BY(mutex_);
  std::vector<points::v1::ReverseEntryRequest> reversals_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> by_request_id_ ABSL_GUARDED_BY(mutex_);  // serialized requests
  std::map<std::string, std::vector<events::v1::Event>> events_ ABSL_GUARDED_BY(mutex_);
  std::function<grpc::Status(const std::string&)> answer_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  bool lose_answers_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<points::v1::PointsService::Service> points_service_;
  std::unique_ptr<events::v1::EventService::Service> event_service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace loyalty::testing
