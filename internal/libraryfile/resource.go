// Package libraryfile is everything Terraform shows of the live-response
// library. It refuses to know HTTP and JSON, which are the client's, and what a
// run does with a file, which is live response's.
package libraryfile

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfidentity"
)

var (
	_ resource.ResourceWithConfigure      = (*fileResource)(nil)
	_ resource.ResourceWithIdentity       = (*fileResource)(nil)
	_ resource.ResourceWithImportState    = (*fileResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*fileResource)(nil)
	_ resource.ResourceWithValidateConfig = (*fileResource)(nil)
)

// NewResource returns the resource mde_library_file.
func NewResource() resource.Resource { return &fileResource{} }

type fileResource struct{ tfclient.ForResource }

// attributeSetter is a state, or what a list shows of one.
type attributeSetter interface {
	SetAttribute(ctx context.Context, at path.Path, value any) diag.Diagnostics
}

func (r *fileResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_library_file"
	resp.ResourceBehavior.MutableIdentity = true // A rename changes it in place.
}

func (r *fileResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *fileResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

func (r *fileResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	plan.named()
	timeouts, diags := timeoutDefaults().OfObject(ctx, plan.Timeouts)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeouts.Create)
	defer cancel()

	file, adopted, err := r.put(ctx, &plan, "", nil)
	if err != nil {
		resp.Diagnostics.Append(writeDiagnostic("create", plan.FileName.ValueString(), err))
	}
	if adopted {
		resp.Diagnostics.Append(adoption(file))
	}
	if file.FileName != "" {
		plan.fromAPI(file)
		rememberUpload(ctx, resp.Private, file)
		resp.Diagnostics.Append(r.save(ctx, &plan, &resp.State, resp.Identity)...)
	}
}

func (r *fileResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	state.named()
	surplus, diags := readSurplus(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	last, diags := readUpload(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	timeouts, diags := timeoutDefaults().OfObject(ctx, state.Timeouts)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !state.SHA256.IsNull() && r.Unrefreshed(&resp.Diagnostics) {
		resp.Diagnostics.Append(r.identify(ctx, state.FileName, resp.Identity)...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeouts.Read)
	defer cancel()

	name := state.FileName.ValueString()
	file, left, err := r.findUploaded(ctx, &state, surplus, last)
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(operation("read", name), err))
		return
	}
	if file.FileName == "" {
		// The framework wants an identity of what is gone, too.
		resp.Diagnostics.Append(r.identify(ctx, state.FileName, resp.Identity)...)
		resp.State.RemoveResource(ctx)
		return
	}
	state.fromAPI(file)
	if len(left) < len(surplus) {
		resp.Diagnostics.Append(writeSurplus(ctx, resp.Private, left)...)
	}
	resp.Diagnostics.Append(r.save(ctx, &state, &resp.State, resp.Identity)...)
}

func (r *fileResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	plan.named()
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	state.named()
	surplus, diags := readSurplus(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	held, diags := readHolding(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, holdingKey, nil)...)
	timeouts, diags := timeoutDefaults().OfObject(ctx, plan.Timeouts)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeouts.Update)
	defer cancel()

	was, name := state.FileName.ValueString(), plan.FileName.ValueString()
	own := with(surplus, was)
	if plan.stored() == state.stored() && !held.Rewrite {
		_, err := r.Client.LibraryFiles.Claim(name)
		if err != nil {
			resp.Diagnostics.Append(writeDiagnostic("update", name, err))
			return
		}
	} else {
		file, adopted, err := r.put(ctx, &plan, was, own)
		if err != nil {
			resp.Diagnostics.Append(writeDiagnostic("update", name, err))
			if name != was && mayHaveWritten(err) {
				resp.Diagnostics.Append(writeSurplus(ctx, resp.Private, with(surplus, name))...)
			}
			return
		}
		if adopted {
			resp.Diagnostics.Append(adoption(file))
		}
		plan.fromAPI(file)
		rememberUpload(ctx, resp.Private, file)
	}
	plan.ID = plan.FileName
	diags = r.remove(ctx, without(own, name))
	resp.Diagnostics.Append(diags...)
	switch {
	case !diags.HasError():
		resp.Diagnostics.Append(writeSurplus(ctx, resp.Private, nil)...)
	case name != was:
		// Until the old file is gone the state keeps its name.
		resp.Diagnostics.Append(writeSurplus(ctx, resp.Private, with(surplus, name))...)
		return
	}
	resp.Diagnostics.Append(r.save(ctx, &plan, &resp.State, resp.Identity)...)
}

func (r *fileResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	state.named()
	surplus, diags := readSurplus(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	held, diags := readHolding(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	timeouts, diags := timeoutDefaults().OfObject(ctx, state.Timeouts)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeouts.Delete)
	defer cancel()

	resp.Diagnostics.Append(r.remove(ctx, slices.DeleteFunc(with(surplus, state.FileName.ValueString()), func(name string) bool {
		return slices.Contains(held.Spared, name) || r.Client.LibraryFiles.GiveUp(name)
	}))...)
}

// ImportState takes a file name, or an identity.
func (r *fileResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	if resp.Diagnostics.HasError() {
		return
	}
	name := types.StringValue(req.ID)
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("file_name"), &name)...)
	}
	file, err := r.lookUp(ctx, name.ValueString())
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(operation("import", name.ValueString()), err))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if file.FileName != "" && file.FileName != name.ValueString() {
		resp.Diagnostics.AddWarning("Imported under the library's spelling", fmt.Sprintf("The library has no file %q; %q, which differs by letter case alone, is imported.", name.ValueString(), file.FileName))
		name = types.StringValue(file.FileName)
	}
	resp.Diagnostics.Append(beginImport(ctx, &resp.State, name)...)
}

// beginImport sets what an import knows before the file is read.
func beginImport(ctx context.Context, state attributeSetter, name types.String) diag.Diagnostics {
	diags := state.SetAttribute(ctx, path.Root("id"), name)
	diags.Append(state.SetAttribute(ctx, path.Root("file_name"), name)...)
	diags.Append(state.SetAttribute(ctx, path.Root("line_endings"), lineEndingsPreserve)...)
	diags.Append(state.SetAttribute(ctx, path.Root("override_if_exists"), false)...)
	return diags
}

// find returns the file of that name or, when it is gone, one that an
// interrupted rename has left, and the surplus files that are still there.
func (r *fileResource) find(ctx context.Context, name string, surplus []string) (mde.LibraryFile, []string, error) {
	file, err := r.lookUp(ctx, name)
	if err != nil {
		return file, nil, err
	}
	var left []string
	for _, other := range surplus {
		found, err := r.lookUp(ctx, other)
		switch {
		case err != nil:
			return file, nil, err
		case found.FileName != other: // It is gone.
		case file.FileName == "":
			file = found
		default:
			left = append(left, other)
		}
	}
	return file, left, nil
}

// remove deletes files that are this resource's own.
func (r *fileResource) remove(ctx context.Context, names []string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, name := range names {
		if err := r.Client.LibraryFiles.Delete(ctx, name); err != nil {
			diags.Append(tfdiag.Error(operation("delete", name), err))
		}
	}
	return diags
}

func (r *fileResource) checkTenant(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return tfidentity.Check(ctx, r.Client, identity, "library file")
}

// save writes state and identity.
func (r *fileResource) save(ctx context.Context, m *model, state *tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return append(state.Set(ctx, m.spelled()), r.identify(ctx, m.FileName, identity)...)
}

func (r *fileResource) identify(ctx context.Context, name types.String, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return tfidentity.Write(ctx, r.Client, identity, "file_name", name)
}
