package libraryfile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// ModifyPlan makes every computed attribute known as far as the inputs are, so
// that a plan shows what will happen and an edited description moves nothing
// else.
func (r *fileResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...); resp.Diagnostics.HasError() {
		return
	}
	prior := decodePrior(ctx, req, &resp.Diagnostics)
	surplus, diags := readSurplus(ctx, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.giveUp(ctx, resp.Private, with(surplus, prior.FileName.ValueString()))...)
		return
	}
	var config, plan model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.complete(&config)
	resp.Diagnostics.Append(plan.planContent(prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if left := without(surplus, plan.FileName.ValueString()); len(left) > 0 && !plan.FileName.IsUnknown() {
		// Terraform calls Update only for a difference.
		plan.ID = types.StringUnknown()
		resp.Diagnostics.AddWarning("Unfinished rename", fmt.Sprintf("An earlier apply was interrupted while it renamed this file and left %q in the library, which this apply deletes.", left))
	}
	if prior != nil {
		resp.Diagnostics.Append(r.keep(ctx, resp.Private, &plan, prior)...)
	}
	if r.Ready() && plan.occupies(prior, surplus) {
		resp.Diagnostics.Append(r.preflight(ctx, &plan)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan.spelled())...)
}

// decodePrior returns the prior state, nil when there is none.
func decodePrior(ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) *model {
	if req.State.Raw.IsNull() {
		return nil
	}
	var prior model
	diags.Append(req.State.Get(ctx, &prior)...)
	prior.named()
	return &prior
}

// complete plans the computed attributes that follow from others.
func (m *model) complete(config *model) {
	if config.FileName.IsNull() || config.FileName.Equal(types.StringValue("")) {
		m.FileName, m.Unnamed = defaultFileName(m.Source), !config.FileName.IsNull()
	}
	m.ID = m.FileName
	if config.HasParameters.IsNull() {
		m.HasParameters = defaultHasParameters(m.ParametersDescription)
	}
}

// planContent plans sha256. A local file that can no longer be used is no error
// while the configuration asks for nothing new of it: destroying, for which
// Terraform plans first, must always work.
func (m *model) planContent(prior *model) diag.Diagnostics {
	if !m.contentKnown() {
		m.SHA256 = types.StringUnknown()
		return nil
	}
	content, p := m.load()
	switch {
	case p == nil:
		m.SHA256 = types.StringValue(hash(content))
		return m.contentWarnings(prior, content)
	case prior != nil && m.Source.Equal(prior.Source) && m.LineEndings.Equal(prior.LineEndings):
		m.SHA256 = prior.SHA256
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root(p.attribute), p.summary, p.detail+"\n\nThe file in the library stays as it is. Applying a change that needs an upload will fail.")}
	}
	return diag.Diagnostics{p.diagnostic()}
}

// contentWarnings speak of content and names that this plan changes.
func (m *model) contentWarnings(prior *model, content []byte) diag.Diagnostics {
	if prior != nil && m.SHA256.Equal(prior.SHA256) && m.FileName.Equal(prior.FileName) {
		return nil
	}
	var diags diag.Diagnostics
	at := path.Root(m.contentAttribute())
	if name := m.FileName.ValueString(); unsigned(name, content) {
		diags.AddAttributeWarning(at, "Unsigned PowerShell script", fmt.Sprintf("%s has no signature block. Live response runs it only if unsigned script execution is allowed in the Defender portal under Settings > Endpoints > Advanced features.", name))
	}
	if mixedLineEndings(content) {
		diags.AddAttributeWarning(at, "Mixed line endings", "The content ends some lines with CRLF and others with LF. Set line_endings to lf or crlf to make them alike.")
	}
	return diags
}

// occupies tells whether the plan takes a name that this resource does not hold
// yet.
func (m *model) occupies(prior *model, surplus []string) bool {
	if m.FileName.IsUnknown() {
		return false
	}
	name := m.FileName.ValueString()
	return prior == nil || name != prior.FileName.ValueString() && !slices.Contains(surplus, name)
}

// preflight tells what the plan will meet in the tenant.
func (r *fileResource) preflight(ctx context.Context, plan *model) diag.Diagnostics {
	diags := tfdiag.Permitted(ctx, r.Client, operation("create", plan.FileName.ValueString()))
	if diags.HasError() {
		return diags
	}
	return append(diags, r.announce(ctx, plan)...)
}

// announce tells what already has the name that the plan is about to occupy.
func (r *fileResource) announce(ctx context.Context, plan *model) diag.Diagnostics {
	name := plan.FileName.ValueString()
	file, err := r.Client.LibraryFiles.Get(ctx, name)
	if errors.Is(err, mde.ErrNotFound) {
		return nil
	}
	if err != nil {
		return diag.Diagnostics{tfdiag.Error(operation("look for", name), err)}
	}
	var summary, detail string
	switch {
	case file.FileName != name:
		summary = "Library file with a similar name"
		detail = fmt.Sprintf("The library holds %s. Its name differs from %q by letter case alone, which the service may or may not tell apart.", describe(file), name)
	case storedOf(file) == plan.stored():
		summary = "Library file will be taken over"
		detail = fmt.Sprintf("The library already holds %s. It equals the configuration in everything, so that it will be taken into the state as it is.", describe(file))
	case plan.OverrideIfExists.ValueBool():
		summary = "Library file will be replaced"
		detail = fmt.Sprintf("The library already holds %s. As override_if_exists is true, this resource will take it over and replace it.", describe(file))
	default:
		summary = "Library file exists already"
		detail = refusal(file) + " If this plan destroys or replaces the resource that holds it, there is nothing to do."
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("file_name"), summary, detail)}
}

// refusal says what already has the name and how to go on.
func refusal(file mde.LibraryFile) string {
	return fmt.Sprintf(`The library already holds %s. It is not replaced unasked. To manage it with this resource, import it, with the resource's own name in the place of "example":

import {
  to = mde_library_file.example
  id = %q
}

To replace it, set override_if_exists to true. If another resource of this configuration is giving it up, apply again. Two files that swap their names need it on both, or a third name in between.`, describe(file), file.FileName)
}

// describe names a file and what tells one version from another.
func describe(file mde.LibraryFile) string {
	text := fmt.Sprintf("%q (sha256 %s", file.FileName, strings.ToLower(file.SHA256))
	if file.CreatedBy != "" {
		text += ", created by " + file.CreatedBy
	}
	if !file.LastUpdatedTime.IsZero() {
		text += ", last updated " + file.LastUpdatedTime.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return text + ")"
}
