// Text in lines of a certain width.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace loyalty::cli {

// The words of `text` in lines of at most `width` characters, each behind `indent` blanks that do not count;
// a longer word has a line of its own. Ends with a line end, unless there is no word.
std::string Wrap(absl::string_view text, int indent, int width);

}  // namespace loyalty::cli
