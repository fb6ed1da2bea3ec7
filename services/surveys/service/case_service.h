// loyalty.surveys.v1.CaseService.
#pragma once

#include "common/rpc/adapter.h"
#include "common/work/work.h"
#include "loyalty/surveys/v1/case_service.grpc.pb.h"

namespace loyalty::surveys {

class CaseServiceImpl final : public v1::CaseService::CallbackService {
 public:
  CaseServiceImpl(rpc::Adapter& adapter, work::Runner& runner) : adapter_(adapter), runner_(runner) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* GetCase(Context* context, const v1::GetCaseRequest* request, v1::GetCaseResponse* response) override;
  Unary* ListCases(Context* context, const v1::ListCasesRequest* request,
                   v1::ListCasesResponse* response) override;
  Unary* AddCaseNote(Context* context, const v1::AddCaseNoteRequest* request,
                     v1::AddCaseNoteResponse* response) override;
  Unary* AssignCase(Context* context, const v1::AssignCaseRequest* request,
                    v1::AssignCaseResponse* response) override;
  Unary* SetCaseState(Context* context, const v1::SetCaseStateRequest* request,
                      v1::SetCaseStateResponse* response) override;
  Unary* ResolveCase(Context* context, const v1::ResolveCaseRequest* request,
                     v1::ResolveCaseResponse* response) override;
  Unary* CloseCase(Context* context, const v1::CloseCaseRequest* request,
                   v1::CloseCaseResponse* response) override;
  Unary* ReopenCase(Context* context, const v1::ReopenCaseRequest* request,
                    v1::ReopenCaseResponse* response) override;

 private:
  absl::Status GetOne(const v1::GetCaseRequest& in, v1::GetCaseResponse& out);
  absl::Status ListThem(const v1::ListCasesRequest& in, v1::ListCasesResponse& out);

  rpc::Adapter& adapter_;
  work::Runner& runner_;
};

}  // namespace loyalty::surveys
