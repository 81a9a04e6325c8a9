package indicator

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tffilter"
)

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewListDataSource returns the data source mde_indicators.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

type listDataSource struct{ tfclient.ForDataSource }

// listModel is mde_indicators. A nested map costs a resource time by the square
// of its size, but a data source is never planned: 15,000 records take seconds.
type listModel struct {
	filters
	IDs        []string               `tfsdk:"ids"`
	Indicators map[string]recordModel `tfsdk:"indicators"`
}

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_indicators"
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"ids": schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "The ids of the records, sorted."},
		"indicators": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The records by their ids, ready for `for_each`. A setting that a record does not have is null.",
			NestedObject:        schema.NestedAttributeObject{Attributes: recordAttributes()},
		},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The active indicators of the tenant, all of them or those that meet every one of the conditions, with who made them and when. Expired records are not among them.\n\n" +
			tfdiag.Needs(permissions()) + "; with the second the service shows this application's own records only.",
		Attributes: tffilter.DataSource(attributes, arguments()),
	}
}

// Read implements datasource.DataSource.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data.Indicators = map[string]recordModel{}
	for record, err := range d.Client.Indicators.List(ctx, data.odata()) {
		if err != nil {
			resp.Diagnostics.Append(tfdiag.Error(listing(), err))
			return
		}
		if data.match(record) {
			data.Indicators[record.ID] = newRecordModel(record)
		}
	}
	data.IDs = slices.AppendSeq([]string{}, maps.Keys(data.Indicators)) // None is an empty list, not null.
	slices.Sort(data.IDs)
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// listing names the reading of many indicators.
func listing() tfdiag.Operation {
	return tfdiag.Operation{Verb: "list", Object: "indicators", Permissions: permissions()}
}
