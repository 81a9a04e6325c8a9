// Package provider is the provider as Terraform sees it: its configuration,
// and the lists of what it offers. It refuses to know any resource beyond its
// constructor.
package provider

import (
	"context"
	"net/http"
	"os"
	"os/exec"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/mde-as-code/terraform-provider-mde/internal/clientconfig"
	"github.com/mde-as-code/terraform-provider-mde/internal/indicator"
	"github.com/mde-as-code/terraform-provider-mde/internal/libraryfile"
	"github.com/mde-as-code/terraform-provider-mde/internal/liveresponse"
	"github.com/mde-as-code/terraform-provider-mde/internal/machine"
)

// mdeProvider implements provider.Provider.
type mdeProvider struct {
	version string
	// base sends every request, getenv reads the environment, lookPath finds
	// programs.
	base     http.RoundTripper
	getenv   func(string) string
	lookPath func(string) (string, error)
}

var (
	_ provider.ProviderWithEphemeralResources = (*mdeProvider)(nil)
	_ provider.ProviderWithFunctions          = (*mdeProvider)(nil)
	_ provider.ProviderWithListResources      = (*mdeProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*mdeProvider)(nil)
)

// New returns the provider's constructor. The version goes into the user agent.
func New(version string) func() provider.Provider {
	return func() provider.Provider {
		return &mdeProvider{version: version, base: baseTransport(), getenv: os.Getenv, lookPath: exec.LookPath}
	}
}

// Metadata implements provider.Provider.
func (p *mdeProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "mde"
	resp.Version = p.version
}

// Schema implements provider.Provider.
func (p *mdeProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Resources implements provider.Provider.
func (p *mdeProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		indicator.NewResource,
		indicator.NewSetResource,
		libraryfile.NewResource,
		liveresponse.NewResource,
	}
}

// DataSources implements provider.Provider.
func (p *mdeProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		clientconfig.NewDataSource,
		indicator.NewDataSource,
		indicator.NewListDataSource,
		libraryfile.NewDataSource,
		libraryfile.NewListDataSource,
		machine.NewActionDataSource,
		machine.NewDataSource,
		machine.NewListDataSource,
	}
}

// EphemeralResources implements provider.ProviderWithEphemeralResources.
func (p *mdeProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		liveresponse.NewResultEphemeral,
	}
}

// ListResources implements provider.ProviderWithListResources.
func (p *mdeProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		indicator.NewListResource,
		libraryfile.NewListResource,
	}
}

// Functions implements provider.ProviderWithFunctions.
func (p *mdeProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		indicator.NewTypeFunction,
		indicator.NewNormalizeFunction,
		indicator.NewNormalizeListFunction,
		indicator.NewRefangFunction,
		indicator.NewCSVFunction,
		indicator.NewSTIXFunction,
	}
}
