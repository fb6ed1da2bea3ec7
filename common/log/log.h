// JSON log lines on standard error, one object a line: {"time":"…","severity":"INFO","message":"…", …}.
//
//   log::Info("serving", {{"address", address}});
//
// Lines are collected and written by a thread of their own, so that a call costs no system call; errors,
// warnings and Flush() write at once. Never log personal data: ids of programs and requests, no member ids.
#pragma once

#include <absl/strings/string_view.h>

#include <initializer_list>
#include <utility>

namespace loyalty::log {

using Field = std::pair<absl::string_view, absl::string_view>;

void Info(absl::string_view message, std::initializer_list<Field> fields = {});
void Warning(absl::string_view message, std::initializer_list<Field> fields = {});
void Error(absl::string_view message, std::initializer_list<Field> fields = {});

// Writes what is collected. Called at the end of main.
void Flush();

}  // namespace loyalty::log
