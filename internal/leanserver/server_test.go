package leanserver_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mde-as-code/terraform-provider-mde/internal/leanserver"
)

// waiting is a server whose reads last until they are stopped.
type waiting struct {
	leanserver.Full
	reading chan struct{}
}

// ReadResource implements tfprotov6.ResourceServer.
func (w waiting) ReadResource(ctx context.Context, _ *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	close(w.reading)
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestNew_wrapsTheFrameworksServer(t *testing.T) {
	t.Parallel()
	server := leanserver.New(providerserver.NewProtocol6(provider.Provider(nil)))()
	if _, ok := server.(leanserver.Server); !ok {
		t.Fatalf("%T is not wrapped: has the framework's server lost a part?", server)
	}
	if _, ok := server.(tfprotov6.ProviderServerWithListResource); !ok {
		t.Error("list resources are lost")
	}
	if _, ok := server.(tfprotov6.ProviderServerWithActions); !ok {
		t.Error("actions are lost")
	}
	if _, ok := server.(tfprotov6.FunctionServer); !ok {
		t.Error("functions are lost")
	}
}

func TestServer_passesAStopOn(t *testing.T) {
	t.Parallel()
	inner := waiting{reading: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-inner.reading
		cancel()
	}()
	if _, err := (leanserver.Server{Full: inner}).ReadResource(ctx, nil); err == nil {
		t.Error("the read did not end with the request")
	}
}
