#include "cli/commands/story_page.h"

#include "absl/strings/str_cat.h"
#include "cli/text/wrap.h"

namespace loyalty::cli {
namespace {

constexpr int kIndent = 18;  // behind "2025-01-07 09:00  "
constexpr int kWidth = 84;   // of the text behind it

}  // namespace

void StoryPage::Begin(const std::string& program_id, const std::string& zone_name) {
  program_id_ = program_id;
  zone_ = absl::UTCTimeZone();
  absl::LoadTimeZone(zone_name, &zone_);
  if (json_) return;
  out_ << "\nA year with Ada: one customer, four services. Below each line the call that it is.\nProgram "
       << program_id << ", in the time of its test clock (" << zone_name << ").\n";
}

void StoryPage::Chapter(absl::string_view title) {
  chapter_ = std::string(title);
  last_time_.clear();
  if (!json_) out_ << '\n' << title << '\n';
}

void StoryPage::Add(const StoryStep& step) {
  const std::string time = absl::FormatTime("%Y-%m-%d %H:%M", step.time, zone_);
  steps_.push_back({{"time", absl::FormatTime(absl::RFC3339_sec, step.time, zone_)},
                    {"chapter", chapter_},
                    {"text", step.text},
                    {"rpc", step.rpc},
                    {"request", step.request},
                    {"response", step.response}});
  if (json_) return;
  std::string lines = Wrap(step.text, kIndent, kWidth);
  if (time != last_time_) lines.replace(0, time.size(), time);
  last_time_ = time;
  out_ << lines << std::string(kIndent, ' ') << '[' << step.rpc << "]\n" << std::flush;
}

void StoryPage::Block(absl::string_view lines) {
  if (!json_) out_ << '\n' << lines << '\n';
}

void StoryPage::Finish(const nlohmann::ordered_json& totals) {
  if (!json_) return;
  const nlohmann::ordered_json page = {{"program_id", program_id_}, {"steps", steps_}, {"totals", totals}};
  out_ << page.dump(1) << '\n';
}

}  // namespace loyalty::cli
