// Package machine shows the devices of the tenant, and what was done to them,
// as data sources. It refuses to act on a device.
package machine

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

var (
	_ datasource.DataSourceWithConfigure        = &dataSource{}
	_ datasource.DataSourceWithConfigValidators = &dataSource{}
)

// NewDataSource returns the data source mde_machine.
func NewDataSource() datasource.DataSource {
	return &dataSource{}
}

type dataSource struct{ tfclient.ForDataSource }

// Metadata implements datasource.DataSource.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_machine"
}

// Schema implements datasource.DataSource.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema()
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("computer_dns_name")),
	}
}

// Read implements datasource.DataSource.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data model
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	machine, err := d.find(ctx, data)
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(reading(data.ID.ValueString()+data.ComputerDNSName.ValueString()), err))
		return
	}
	data.fromAPI(machine)
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

func (d *dataSource) find(ctx context.Context, data model) (mde.Machine, error) {
	if id := data.ID.ValueString(); id != "" {
		return d.Client.Machines.Get(ctx, strings.ToLower(id))
	}
	return findByName(ctx, d.Client.Machines, data.ComputerDNSName.ValueString())
}
