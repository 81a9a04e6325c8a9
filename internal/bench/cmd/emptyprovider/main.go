// Command emptyprovider serves a provider with the indicator resources of the
// real one, attribute for attribute, that does nothing: no validators, no
// plans, no calls. What a run with it costs is Terraform's and the framework's,
// in a process that is tuned as the real one's.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/mde-as-code/terraform-provider-mde/internal/leanserver"
	mde "github.com/mde-as-code/terraform-provider-mde/internal/provider"
)

func main() {
	leanserver.Tune()
	options := providerserver.ServeOpts{Address: "registry.terraform.io/mde-as-code/mde", ProtocolVersion: 6}
	if err := providerserver.Serve(context.Background(), newProvider, options); err != nil {
		log.Fatal(err)
	}
}

// emptyProvider implements provider.Provider.
type emptyProvider struct {
	real provider.Provider
}

func newProvider() provider.Provider { return emptyProvider{real: mde.New("bench")()} }

// Metadata implements provider.Provider.
func (p emptyProvider) Metadata(ctx context.Context, req provider.MetadataRequest, resp *provider.MetadataResponse) {
	p.real.Metadata(ctx, req, resp)
}

// Schema implements provider.Provider.
func (emptyProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure implements provider.Provider.
func (emptyProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// DataSources implements provider.Provider.
func (emptyProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider: the real ones, emptied.
func (p emptyProvider) Resources(ctx context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for _, create := range p.real.Resources(ctx) {
		all = append(all, func() resource.Resource { return emptyResource{real: create()} })
	}
	return all
}
