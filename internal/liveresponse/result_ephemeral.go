package liveresponse

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// maxContent bounds a collected file that is handed to the configuration.
const maxContent = 16 << 20

var _ ephemeral.EphemeralResourceWithConfigure = (*resultEphemeral)(nil)

// NewResultEphemeral returns the ephemeral resource mde_live_response_result.
func NewResultEphemeral() ephemeral.EphemeralResource { return &resultEphemeral{} }

type resultEphemeral struct{ tfclient.ForEphemeral }

// resultModel is mde_live_response_result.
type resultModel struct {
	ActionID      types.String `tfsdk:"action_id"`
	Index         types.Int64  `tfsdk:"index"`
	URL           types.String `tfsdk:"url"`
	ExitCode      types.Int64  `tfsdk:"exit_code"`
	Output        types.String `tfsdk:"output"`
	ErrorOutput   types.String `tfsdk:"error_output"`
	ContentBase64 types.String `tfsdk:"content_base64"`
}

// Metadata implements ephemeral.EphemeralResource.
func (r *resultEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_live_response_result"
}

// Schema implements ephemeral.EphemeralResource.
func (r *resultEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	secret := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The result of one command of a live-response run that has ended, with a fresh link: for a provider, a provisioner or a write-only argument that passes evidence on. " +
			"Nothing of it is kept in the state or in a plan. Opening it runs nothing.\n\n" +
			tfdiag.Needs(mde.MachinePermissions()) + ", and Terraform 1.10 or OpenTofu 1.11 or later.",
		Attributes: map[string]schema.Attribute{
			"action_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The machine action, such as `mde_live_response_run.x.id`. One that has not ended is an error that tells its status.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`), "must be the id of a machine action: a GUID"),
				},
			},
			"index": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The command's place in `commands`, from 0. A PutFile has no result. Defaults to `0`.",
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"url":            secret("A link to the result, valid for 30 minutes. It is a credential, and works without a token."),
			"exit_code":      schema.Int64Attribute{Computed: true, MarkdownDescription: "The script's exit code; null for a GetFile."},
			"output":         secret("The script's whole output; null for a GetFile."),
			"error_output":   secret("The script's whole error output; null for a GetFile."),
			"content_base64": secret(fmt.Sprintf("The collected file in base64, decompressed; null for a RunScript, and for a file of more than %d MB, which `url` gives.", maxContent>>20)),
		},
	}
}

// Open implements ephemeral.EphemeralResource.
func (r *resultEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var data resultModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := data.ActionID.ValueString()
	action, err := r.Client.MachineActions.Get(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(reading(id), err))
		return
	}
	command, problem := withResult(action, int(data.Index.ValueInt64()))
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	e := engine{runs: r.Client.LiveResponse}
	limit := int64(maxContent)
	isScript := strings.EqualFold(command.Command.Type, mde.CommandRunScript)
	if isScript {
		limit = maxTranscript
	}
	link, got, err := e.obtain(ctx, id, command.Index, limit, collection{}.attempts(action, command))
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(fetching(id), err))
		return
	}
	data.URL = types.StringValue(link)
	data.fromAPI(got, isScript)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &data)...)
}

// withResult returns the command of an action that has a result to fetch, or
// says why there is none.
func withResult(action mde.MachineAction, index int) (mde.ActionCommand, diag.Diagnostic) {
	const summary = "No live response result"
	here := path.Root("action_id")
	if !strings.EqualFold(action.Type, mde.ActionTypeLiveResponse) {
		return mde.ActionCommand{}, diag.NewAttributeErrorDiagnostic(here, summary, fmt.Sprintf("The machine action %s is a %s and no live response.", action.ID, action.Type))
	}
	if !action.Done() {
		return mde.ActionCommand{}, diag.NewAttributeErrorDiagnostic(here, summary, fmt.Sprintf("Action %s on machine %s has not ended: it is %s. Results are there when it has.", action.ID, action.MachineID, action.Status))
	}
	here = path.Root("index")
	at := slices.IndexFunc(action.Commands, func(command mde.ActionCommand) bool { return command.Index == index })
	if at < 0 {
		return mde.ActionCommand{}, diag.NewAttributeErrorDiagnostic(here, summary, fmt.Sprintf("Action %s has no command with the index %d: it has %d, counted from 0.", action.ID, index, len(action.Commands)))
	}
	command := action.Commands[at]
	if !leavesResult(command) {
		return mde.ActionCommand{}, diag.NewAttributeErrorDiagnostic(here, summary, fmt.Sprintf("The %s of action %s has left none: %s.", command.Command.Type, action.ID, describe(command, commandResult{})))
	}
	return command, nil
}

// fromAPI takes over what was downloaded.
func (m *resultModel) fromAPI(got mde.Download, isScript bool) {
	switch {
	case isScript:
		script := mde.DecodeScriptResult(got.Data)
		m.Output, m.ErrorOutput = types.StringValue(script.Output), types.StringValue(script.Errors)
		if script.HasExitCode {
			m.ExitCode = types.Int64Value(script.ExitCode)
		}
	case !got.Truncated:
		m.ContentBase64 = types.StringValue(base64.StdEncoding.EncodeToString(got.Data))
	}
}
