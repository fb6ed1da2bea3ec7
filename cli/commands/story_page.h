// The story of `loyalty story` as a page that people read, or as JSON.
#pragma once

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {

// One call, and what it did.
struct StoryStep {
  absl::Time time;   // when, by the program's clock
  std::string rpc;   // "loyalty.points.v1.PointsService/RecordPurchase"
  std::string text;  // in plain words
  nlohmann::ordered_json request;
  nlohmann::ordered_json response;
};

class StoryPage {
 public:
  // Prints each step at once; with `json` nothing before Finish.
  StoryPage(std::ostream& out, bool json) : out_(out), json_(json) {}

  // The head of the page. `zone`: of all times on it.
  void Begin(const std::string& program_id, const std::string& zone_name);
  void Chapter(absl::string_view title);
  void Add(const StoryStep& step);
  // Lines as they are, below the step that they belong to.
  void Block(absl::string_view lines);
  // The end; as JSON: {"program_id", "steps": [...], "totals": {...}}.
  void Finish(const nlohmann::ordered_json& totals);

 private:
  std::ostream& out_;
  const bool json_;
  absl::TimeZone zone_;
  std::string program_id_;
  std::string chapter_;
  std::string last_time_;  // as printed
  nlohmann::ordered_json steps_ = nlohmann::ordered_json::array();
};

}  // namespace loyalty::cli
