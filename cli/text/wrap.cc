#include "cli/text/wrap.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace loyalty::cli {
namespace {

// Characters, not bytes, of UTF-8.
int Width(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string Wrap(absl::string_view text, int indent, int width) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  std::string lines;
  int used = 0;  // of the line; 0: none is begun
  for (const absl::string_view word : words) {
    const int length = Width(word);
    if (used > 0 && used + 1 + length <= width) {
      absl::StrAppend(&lines, " ", word);
      used += 1 + length;
    } else {
      absl::StrAppend(&lines, used > 0 ? "\n" : "", std::string(indent, ' '), word);
      used = length;
    }
  }
  if (used > 0) lines += '\n';
  return lines;
}

}  // namespace loyalty::cli
