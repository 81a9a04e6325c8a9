package libraryfile

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

// NewListDataSource returns the data source mde_library_files.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

type listDataSource struct{ tfclient.ForDataSource }

// listModel is mde_library_files.
type listModel struct {
	filters
	FileNames []string             `tfsdk:"file_names"`
	Files     map[string]fileModel `tfsdk:"files"`
}

// Metadata implements datasource.DataSource.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_library_files"
}

// Schema implements datasource.DataSource.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"file_names": schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "What the files are called in the library, in alphabetical order."},
		"files": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The files by their names, ready for `for_each`.",
			NestedObject:        schema.NestedAttributeObject{Attributes: fileAttributes()},
		},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The files of the live-response library, all of them or those that meet every one of the conditions: their hashes, who uploaded them and when.\n\n" +
			tfdiag.Needs(permissions()) + ".",
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
	files, err := d.Client.LibraryFiles.List(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(listing(), err))
		return
	}
	data.Files = map[string]fileModel{}
	for _, file := range files {
		if data.match(file) {
			data.Files[file.FileName] = newFileModel(file)
		}
	}
	data.FileNames = slices.AppendSeq([]string{}, maps.Keys(data.Files)) // None is an empty list, not null.
	slices.Sort(data.FileNames)
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// listing names the reading of the whole library.
func listing() tfdiag.Operation {
	return tfdiag.Operation{Verb: "list", Object: "library files", Permissions: permissions()}
}
