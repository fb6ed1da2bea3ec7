// loyalty watch: the events of a program in all four services, as they happen.
#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "cli/commands/nouns.h"
#include "cli/commands/session.h"
#include "cli/commands/statement.h"
#include "cli/text/output.h"
#include "cli/text/time_text.h"
#include "loyalty/events/v1/event_service.grpc.pb.h"
#include "loyalty/membership/v1/event.pb.h"
#include "loyalty/points/v1/event.pb.h"
#include "loyalty/referral/v1/event.pb.h"
#include "loyalty/surveys/v1/event.pb.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

using events::v1::Event;
using events::v1::EventService;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

struct WatchOptions {
  std::string program_id;
  bool all = false;
  int64_t limit = 0;  // 0: none
  SuiteAddresses addresses;
};

// The contracts of the payloads, which a linker would leave out if nobody named them.
const Descriptor* FindPayload(const std::string& type) {
  static const std::array<const Descriptor*, 4> kContracts = {
      points::v1::EntryPosted::descriptor(), referral::v1::ReferralClaimed::descriptor(),
      membership::v1::PlanChanged::descriptor(), surveys::v1::CaseOpened::descriptor()};
  return kContracts.front()->file()->pool()->FindMessageTypeByName(type);
}

// The state of what the payload is about, if it has one: "held" of a Referral in REFERRAL_STATE_HELD.
std::string StateText(const Message& payload) {
  const auto* about =
      payload.GetDescriptor()->field_count() > 0 ? payload.GetDescriptor()->field(0) : nullptr;
  if (about == nullptr || about->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || about->is_repeated())
    return "";
  const Message& thing = payload.GetReflection()->GetMessage(payload, about);
  const auto* state = thing.GetDescriptor()->FindFieldByName("state");
  if (state == nullptr || state->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return "";
  const std::string prefix = absl::AsciiStrToUpper(thing.GetDescriptor()->name()) + "_STATE_";
  return absl::AsciiStrToLower(
      absl::StripPrefix(thing.GetReflection()->GetEnum(thing, state)->name(), prefix));
}

// What happened, beyond the type's name; empty if the payload's contract is not known here.
std::string PayloadText(const Event& event, const points::v1::Program& program) {
  points::v1::EntryPosted posted;
  if (event.payload().UnpackTo(&posted)) {
    return absl::StrCat(EntryText(posted.entry(), program), ", ", Signed(posted.entry().points()), ", has ",
                        Thousands(posted.entry().balance_after()));
  }
  const Descriptor* type = FindPayload(event.type());
  if (type == nullptr) return "";
  const std::unique_ptr<Message> payload(MessageFactory::generated_factory()->GetPrototype(type)->New());
  return event.payload().UnpackTo(payload.get()) ? StateText(*payload) : "";
}

// "2025-01-10 17:30  points      12  EntryPosted  ada  (order:1)  purchase …"
std::string EventText(const std::string& service, const Event& event, const points::v1::Program& program,
                      absl::TimeZone zone) {
  const std::string name = event.type().substr(event.type().rfind('.') + 1);
  std::string text = absl::StrFormat("%s  %-10s %5d  %s", FormatTime(event.occurred_time(), zone), service,
                                     event.position(), name);
  if (!event.member_id().empty()) absl::StrAppend(&text, "  ", event.member_id());
  if (!event.cause().empty()) absl::StrAppend(&text, "  (", event.cause(), ")");
  if (!event.actor().empty()) absl::StrAppend(&text, "  by ", event.actor());
  if (const std::string what = PayloadText(event, program); !what.empty()) absl::StrAppend(&text, "  ", what);
  return text;
}

// On one line; without the payload if its contract is not known here.
std::string EventJson(Event event) {
  if (FindPayload(event.type()) == nullptr) event.clear_payload();
  return nlohmann::ordered_json::parse(Json(event)).dump();
}

class Watch {
 public:
  Watch(const Session& session, const WatchOptions& options, const points::v1::Program& program)
      : session_(session), options_(options), program_(program), zone_(absl::UTCTimeZone()) {
    absl::LoadTimeZone(program.time_zone(), &zone_);
  }

  // Until the limit, or until a service ends it.
  int Run();

 private:
  void Follow(size_t index);
  // False when there is nothing more to print.
  bool Print(const std::string& service, const Event& event);
  void End();

  const Session& session_;
  const WatchOptions& options_;
  const points::v1::Program& program_;
  absl::TimeZone zone_;
  const std::array<std::string, 4> services_ = {"points", "referral", "membership", "surveys"};
  std::array<grpc::ClientContext, 4> contexts_;

  absl::Mutex mutex_;
  int64_t printed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  int code_ ABSL_GUARDED_BY(mutex_) = kOk;
};

int Watch::Run() {
  std::vector<std::thread> threads;
  for (size_t index = 0; index < services_.size(); ++index) {
    threads.emplace_back([this, index] { Follow(index); });
  }
  for (auto& thread : threads) thread.join();
  const absl::MutexLock lock(&mutex_);
  return code_;
}

void Watch::Follow(size_t index) {
  const std::array<std::string, 4> addresses = {session_.address, options_.addresses.referral,
                                                options_.addresses.membership, options_.addresses.surveys};
  const auto stub = EventService::NewStub(session_.Connect(addresses[index]));
  events::v1::WatchEventsRequest request;
  request.set_program_id(options_.program_id);
  grpc::Status status;
  if (!options_.all) {
    events::v1::ListEventsRequest list;
    list.set_program_id(options_.program_id);
    list.set_page_size(1);
    const auto head = session_.Call(*stub, &EventService::Stub::ListEvents, list);
    status = head.status;
    request.set_after_position(head.response.head_position());
  }
  if (status.ok()) {
    const auto stream = stub->WatchEvents(&contexts_[index], request);
    events::v1::WatchEventsResponse response;
    bool more = true;
    while (more && stream->Read(&response)) {
      for (const auto& event : response.events()) more = more && Print(services_[index], event);
    }
    if (!more) End();
    status = stream->Finish();
  }
  const absl::MutexLock lock(&mutex_);
  if (ended_) return;
  ended_ = true;
  code_ = status.ok() ? session_.Fail(absl::StrCat("the ", services_[index], " service has ended the watch"))
                      : session_.Fail(status);
  for (auto& context : contexts_) context.TryCancel();
}

bool Watch::Print(const std::string& service, const Event& event) {
  const absl::MutexLock lock(&mutex_);
  if (ended_ || (options_.limit > 0 && printed_ == options_.limit)) return false;
  if (session_.json) {
    session_.out << EventJson(event) << std::endl;
  } else {
    session_.out << EventText(service, event, program_, zone_) << std::endl;
  }
  return ++printed_ != options_.limit;
}

void Watch::End() {
  const absl::MutexLock lock(&mutex_);
  ended_ = true;
  for (auto& context : contexts_) context.TryCancel();
}

int Run(const Session& session, const WatchOptions& options) {
  const auto program = GetProgram(session, session.Connect(), options.program_id);
  if (!program.status.ok()) return session.Fail(program.status);
  Watch watch(session, options, program.response.program());
  return watch.Run();
}

}  // namespace

void AddWatchCommand(CLI::App& app, Session& session) {
  CLI::App& watch = AddCommand(app, "watch", "Follow the events of a program in all four services", session);
  const auto options = std::make_shared<WatchOptions>();
  watch.add_option("--program", options->program_id, "The program")->required();
  watch.add_flag("--all", options->all, "From the first event on, not only new ones");
  watch.add_option("--limit", options->limit, "End after so many events. Default: Ctrl-C ends it")
      ->check(CLI::PositiveNumber);
  AddSuiteOptions(watch, options->addresses);
  watch.callback([&session, options] { session.exit_code = Run(session, *options); });
}

}  // namespace loyalty::cli
