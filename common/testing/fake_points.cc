#include "common/testing/fake_points.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/rpc/error.h"
#include "common/rpc/time.h"
#include "common/status/status.h"

namespace loyalty::testing {

namespace v1 = points::v1;

template <class Request>
grpc::Status FakePoints::Take(const Request& request, std::vector<Request>& taken) {
  absl::MutexLock lock(&mutex_);
  ++calls_;
  if (answer_) {
    const grpc::Status answer = answer_(request.member_id());
    if (!answer.ok()) return answer;
  }
  const auto [known, fresh] = by_request_id_.emplace(request.request_id(), request.SerializeAsString());
  if (!fresh && known->second != request.SerializeAsString()) {
    return rpc::ToGrpc(Refuse(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED", "another request"),
                       "loyalty.points.v1");
  }
  if (fresh) taken.push_back(request);
  return lose_answers_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the connection broke")
                       : grpc::Status::OK;
}

class FakePoints::PointsImpl final : public v1::PointsService::Service {
 public:
  explicit PointsImpl(FakePoints& fake) : fake_(fake) {}

  grpc::Status Earn(grpc::ServerContext*, const v1::EarnRequest* in, v1::EarnResponse*) override {
    return fake_.Take(*in, fake_.awards_);
  }
  grpc::Status SetMemberLabel(grpc::ServerContext*, const v1::SetMemberLabelRequest* in,
                              v1::SetMemberLabelResponse*) override {
    return fake_.Take(*in, fake_.labels_);
  }
  grpc::Status ReverseEntry(grpc::ServerContext*, const v1::ReverseEntryRequest* in,
                            v1::ReverseEntryResponse*) override {
    return fake_.Take(*in, fake_.reversals_);
  }

 private:
  FakePoints& fake_;
};

class FakePoints::EventsImpl final : public events::v1::EventService::Service {
 public:
  explicit EventsImpl(FakePoints& fake) : fake_(fake) {}

  grpc::Status ListEvents(grpc::ServerContext*, const events::v1::ListEventsRequest* in,
                          events::v1::ListEventsResponse* out) override {
    absl::MutexLock lock(&fake_.mutex_);
    const auto& all = fake_.events_[in->program_id()];
    out->set_head_position(static_cast<int64_t>(all.size()));
    out->set_position(in->after_position());
    for (int64_t i = in->after_position(); i < out->head_position() && out->events_size() < in->page_size();
         ++i) {
      const events::v1::Event& event = all[static_cast<size_t>(i)];
      const auto& types = in->types();
      if (types.empty() || std::find(types.begin(), types.end(), event.type()) != types.end()) {
        *out->add_events() = event;
      }
      out->set_position(i + 1);
    }
    return grpc::Status::OK;
  }
  grpc::Status ListHeads(grpc::ServerContext*, const events::v1::ListHeadsRequest*,
                         events::v1::ListHeadsResponse* out) override {
    absl::MutexLock lock(&fake_.mutex_);
    for (const auto& [program, events] : fake_.events_) {
      auto& head = *out->add_heads();
      head.set_program_id(program);
      head.set_position(static_cast<int64_t>(events.size()));
    }
    return grpc::Status::OK;
  }

 private:
  FakePoints& fake_;
};

FakePoints::FakePoints()
    : points_service_(std::make_unique<PointsImpl>(*this)),
      event_service_(std::make_unique<EventsImpl>(*this)) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(points_service_.get());
  builder.RegisterService(event_service_.get());
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakePoints::~FakePoints() { server_->Shutdown(); }

std::vector<v1::EarnRequest> FakePoints::awards() const {
  absl::MutexLock lock(&mutex_);
  return awards_;
}
std::vector<v1::SetMemberLabelRequest> FakePoints::labels() const {
  absl::MutexLock lock(&mutex_);
  return labels_;
}
std::vector<v1::ReverseEntryRequest> FakePoints::reversals() const {
  absl::MutexLock lock(&mutex_);
  return reversals_;
}
int FakePoints::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

void FakePoints::AnswerWith(std::function<grpc::Status(const std::string&)> answer) {
  absl::MutexLock lock(&mutex_);
  answer_ = std::move(answer);
}

void FakePoints::LoseAnswers(bool lose) {
  absl::MutexLock lock(&mutex_);
  lose_answers_ = lose;
}

int64_t FakePoints::Emit(const std::string& program_id, const google::protobuf::Message& payload,
                         const work::EventFacts& facts) {
  absl::MutexLock lock(&mutex_);
  auto& events = events_[program_id];
  const auto position = static_cast<int64_t>(events.size()) + 1;
  events::v1::Event& event = events.emplace_back();
  event.set_event_id(absl::StrCat("points/", program_id, "/", position));
  event.set_position(position);
  event.set_type(payload.GetDescriptor()->full_name());
  event.set_program_id(program_id);
  event.set_member_id(facts.member_id);
  event.set_cause(facts.cause);
  event.set_actor(facts.actor);
  if (facts.occurred_time) {
    *event.mutable_occurred_time() = rpc::ToProto(*facts.occurred_time);
    *event.mutable_recorded_time() = event.occurred_time();
  }
  event.mutable_payload()->PackFrom(payload);
  return position;
}

}  // namespace loyalty::testing
