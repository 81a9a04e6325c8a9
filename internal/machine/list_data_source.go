package machine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewListDataSource returns the data source mde_machines.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

type listDataSource struct{ tfclient.ForDataSource }

// listModel is mde_machines.
type listModel struct {
	conditions
	IDs      []string         `tfsdk:"ids"`
	Machines map[string]model `tfsdk:"machines"`
}

// conditions narrow the list of machines; what is null does not narrow it.
type conditions struct {
	Tag           types.String `tfsdk:"tag"`
	NamePrefix    types.String `tfsdk:"name_prefix"`
	HealthStatus  types.String `tfsdk:"health_status"`
	OSPlatform    types.String `tfsdk:"os_platform"`
	RBACGroupName types.String `tfsdk:"rbac_group_name"`
	Filter        types.String `tfsdk:"filter"`
}

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_machines"
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	condition := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The devices that meet every one of the conditions, all of them without any: `for_each = toset(data.mde_machines.x.ids)` fans an `mde_live_response_run` out over a fleet.\n\n" +
			"The list is read again at every plan. A device that joins later is a further run, and one that leaves takes its run out of the state: for a run that was reviewed for certain devices, write their ids into a file that is reviewed with it.\n\n" +
			tfdiag.Needs(mde.MachinePermissions()) + ".",
		Attributes: map[string]schema.Attribute{
			"tag":             condition("Only devices with exactly this tag."),
			"name_prefix":     condition("Only devices whose DNS name begins with this text, compared without case."),
			"health_status":   condition("Only devices of this sensor health, such as `Active`."),
			"os_platform":     condition("Only devices of this operating system platform, such as `Windows11`."),
			"rbac_group_name": condition("Only devices of this device group, compared without case."),
			"filter":          condition("A further condition in OData, for whatever else the service can filter by, such as `riskScore eq 'High'` or `lastSeen gt 2026-11-01T00:00:00Z`. It is sent as it is, beside the other conditions."),
			"ids":             schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "The machine ids, sorted."},
			"machines": schema.MapNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The devices by their ids, ready for `for_each`.",
				NestedObject:        schema.NestedAttributeObject{Attributes: machineAttributes()},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data.Machines = map[string]model{}
	for machine, err := range d.Client.Machines.List(ctx, data.odata()) {
		if err != nil {
			resp.Diagnostics.Append(tfdiag.Error(listing(), err))
			return
		}
		if data.match(machine) {
			var m model
			m.fromAPI(machine)
			data.Machines[machine.ID] = m
		}
	}
	data.IDs = append([]string{}, slices.Sorted(maps.Keys(data.Machines))...) // No machine is an empty list, not null.
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// odata is the part of the conditions that the service can judge as it is
// meant, empty for everything.
func (c conditions) odata() string {
	var terms []string
	add := func(value types.String, before, after string) {
		if text := value.ValueString(); text != "" {
			terms = append(terms, before+mde.Quote(text)+after)
		}
	}
	add(c.HealthStatus, "healthStatus eq ", "")
	add(c.OSPlatform, "osPlatform eq ", "")
	add(c.Tag, "machineTags/any(tag: tag eq ", ")")
	filter := c.Filter.ValueString()
	switch {
	case filter == "":
	case len(terms) == 0:
		return filter
	default:
		terms = append(terms, "("+filter+")")
	}
	return strings.Join(terms, " and ")
}

// match judges the conditions that the service cannot: it compares the case of
// names, and does not filter by the name of a group.
func (c conditions) match(machine mde.Machine) bool {
	prefix := strings.ToLower(c.NamePrefix.ValueString())
	return strings.HasPrefix(strings.ToLower(machine.ComputerDNSName), prefix) &&
		(c.RBACGroupName.IsNull() || strings.EqualFold(machine.RBACGroupName, c.RBACGroupName.ValueString()))
}
