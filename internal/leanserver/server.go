// Package leanserver takes out of the framework's protocol server what costs it
// memory and time without need, and goes part by part as the framework mends it.
//
// It wraps the server so that a finished RPC leaves nothing behind. The
// framework (terraform-plugin-framework v1.19.0, registerContext) keeps the
// context of every RPC, with its loggers, until the provider stops: about 12 kB
// each, hundreds of megabytes for a refresh of some thousand resources. The
// wrapper gives each RPC a context that lets go of the request's own when it
// returns; Terraform's stop request still reaches it. It can go when the
// framework forgets the contexts of RPCs that have returned. It refuses to look
// at any request.
//
// [Tune] fits the process to the rest.
package leanserver

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Full is a protocol server with all that the framework's has beside the
// mandatory part: list resources, actions and state stores.
type Full interface {
	tfprotov6.ProviderServerWithListResource
	tfprotov6.ProviderServerWithActions
	tfprotov6.ProviderServerWithStateStores
}

// Server passes every RPC on. Those that come once for each object, or once
// for each call in a configuration, get a context of their own; streams keep
// theirs, for they outlive their call.
type Server struct{ Full }

var _ Full = Server{}

// New wraps a server of the framework. One that lacks a part of [Full] is
// served as it is, for an RPC that is missing costs more than memory.
func New(inner func() tfprotov6.ProviderServer) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		server := inner()
		if full, ok := server.(Full); ok {
			return Server{Full: full}
		}
		return server
	}
}

func scoped[Req, Resp any](ctx context.Context, req Req, call func(context.Context, Req) (Resp, error)) (Resp, error) {
	ctx, release := newScope(ctx)
	defer release()
	return call(ctx, req)
}

// ValidateResourceConfig implements tfprotov6.ResourceServer.
func (s Server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return scoped(ctx, req, s.Full.ValidateResourceConfig)
}

// UpgradeResourceState implements tfprotov6.ResourceServer.
func (s Server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return scoped(ctx, req, s.Full.UpgradeResourceState)
}

// UpgradeResourceIdentity implements tfprotov6.ResourceServer.
func (s Server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return scoped(ctx, req, s.Full.UpgradeResourceIdentity)
}

// ReadResource implements tfprotov6.ResourceServer.
func (s Server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return scoped(ctx, req, s.Full.ReadResource)
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (s Server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return scoped(ctx, req, s.Full.PlanResourceChange)
}

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s Server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return scoped(ctx, req, s.Full.ApplyResourceChange)
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (s Server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return scoped(ctx, req, s.Full.ImportResourceState)
}

// MoveResourceState implements tfprotov6.ResourceServer.
func (s Server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return scoped(ctx, req, s.Full.MoveResourceState)
}

// ValidateDataResourceConfig implements tfprotov6.DataSourceServer.
func (s Server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return scoped(ctx, req, s.Full.ValidateDataResourceConfig)
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s Server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return scoped(ctx, req, s.Full.ReadDataSource)
}

// ValidateEphemeralResourceConfig implements tfprotov6.EphemeralResourceServer.
func (s Server) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return scoped(ctx, req, s.Full.ValidateEphemeralResourceConfig)
}

// OpenEphemeralResource implements tfprotov6.EphemeralResourceServer.
func (s Server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return scoped(ctx, req, s.Full.OpenEphemeralResource)
}

// RenewEphemeralResource implements tfprotov6.EphemeralResourceServer.
func (s Server) RenewEphemeralResource(ctx context.Context, req *tfprotov6.RenewEphemeralResourceRequest) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return scoped(ctx, req, s.Full.RenewEphemeralResource)
}

// CloseEphemeralResource implements tfprotov6.EphemeralResourceServer.
func (s Server) CloseEphemeralResource(ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return scoped(ctx, req, s.Full.CloseEphemeralResource)
}

// CallFunction implements tfprotov6.FunctionServer.
func (s Server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return scoped(ctx, req, s.Full.CallFunction)
}
