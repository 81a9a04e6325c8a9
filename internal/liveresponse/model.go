package liveresponse

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
)

type model struct {
	ID                types.String     `tfsdk:"id"`
	MachineID         types.String     `tfsdk:"machine_id"`
	Comment           types.String     `tfsdk:"comment"`
	Commands          types.List       `tfsdk:"commands"`
	Triggers          types.Map        `tfsdk:"triggers"`
	WaitForCompletion types.Bool       `tfsdk:"wait_for_completion"`
	PendingTimeout    tfduration.Value `tfsdk:"pending_timeout"`
	QueueTimeout      tfduration.Value `tfsdk:"queue_timeout"`
	OnTimeout         types.String     `tfsdk:"on_timeout"`
	OnFailure         types.String     `tfsdk:"on_failure"`
	ResumeWithin      tfduration.Value `tfsdk:"resume_within"`
	ResultsDirectory  types.String     `tfsdk:"results_directory"`
	MaxOutputBytes    types.Int64      `tfsdk:"max_output_bytes"`
	Status            types.String     `tfsdk:"status"`
	Succeeded         types.Bool       `tfsdk:"succeeded"`
	Results           types.List       `tfsdk:"results"`
	ResultURLs        types.List       `tfsdk:"result_urls"`
	// Timeouts is an object, and not a pointer to its model, because it may be
	// unknown while planning.
	Timeouts types.Object `tfsdk:"timeouts"`
}

func resultType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"index": types.Int64Type, "type": types.StringType, "status": types.StringType,
		"errors": types.ListType{ElemType: types.StringType}, "exit_code": types.Int64Type,
		"output": types.StringType, "error_output": types.StringType, "output_truncated": types.BoolType,
	}}
}

// timeouts returns the bounds in force.
func (m *model) timeouts(ctx context.Context) tfduration.Defaults {
	var configured *tfduration.Timeouts
	if m.Timeouts.As(ctx, &configured, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true, UnhandledUnknownAsEmpty: true}).HasError() {
		return defaultTimeouts()
	}
	return defaultTimeouts().Of(configured)
}

// known tells whether all that makes the run is known.
func (m *model) known(ctx context.Context) bool {
	for _, value := range []attr.Value{m.MachineID, m.Commands, m.Triggers} {
		if raw, err := value.ToTerraformValue(ctx); err != nil || !raw.IsFullyKnown() {
			return false
		}
	}
	return true
}

// toAPI returns the start of a model whose values are all known.
func (m *model) toAPI() (start, error) {
	marker, err := m.marker()
	if err != nil {
		return start{}, err
	}
	s := start{
		request:      mde.RunRequest{MachineID: strings.ToLower(m.MachineID.ValueString()), Comment: strings.TrimSpace(m.Comment.ValueString()) + " " + marker},
		marker:       marker,
		pins:         m.pins(),
		resumeWithin: m.ResumeWithin.Or(defaultResumeWithin),
		queueTimeout: m.QueueTimeout.Or(defaultQueueTimeout),
	}
	for _, command := range commandModels(m.Commands) {
		s.request.Commands = append(s.request.Commands, command.toAPI())
	}
	return s, nil
}

// pins are the library files whose content the run is bound to.
func (m *model) pins() []pin {
	var pins []pin
	for _, command := range commandModels(m.Commands) {
		if sum := command.SHA256.ValueString(); sum != "" {
			pins = append(pins, pin{file: command.libraryFile(), sha256: strings.ToLower(sum)})
		}
	}
	return pins
}

// fromAPI takes over what the service says of the action, and of its outcome
// once that is judged: until then succeeded is null.
func (m *model) fromAPI(action mde.MachineAction, judged *outcome) {
	if m.MachineID.IsNull() {
		m.recover(action)
	}
	m.ID = types.StringValue(action.ID)
	m.Status = types.StringValue(action.Status)
	m.Succeeded = types.BoolNull()
	if judged != nil {
		m.Succeeded = types.BoolValue(judged.failure == "")
	}
	var results, urls []attr.Value
	for i, command := range commandModels(m.Commands) {
		result := judged.result(i)
		urls = append(urls, nullable(result.link))
		results = append(results, m.resultFromAPI(i, command, commandAt(action, i), result))
	}
	m.Results = types.ListValueMust(resultType(), results)
	m.ResultURLs = types.ListValueMust(types.StringType, urls)
}

// recover fills in what an imported run tells of itself.
func (m *model) recover(action mde.MachineAction) {
	m.MachineID = types.StringValue(action.MachineID)
	m.Comment = types.StringValue(withoutMarker(action.RequestorComment))
	commands := make([]attr.Value, len(action.Commands))
	for i := range action.Commands {
		commands[i] = commandFromAPI(commandAt(action, i).Command)
	}
	m.Commands = types.ListValueMust(types.ObjectType{AttrTypes: commandAttrTypes()}, commands)
}

func (m *model) resultFromAPI(index int, command commandModel, got mde.ActionCommand, result commandResult) attr.Value {
	values := map[string]attr.Value{
		"index": types.Int64Value(int64(index)), "type": command.Type, "status": types.StringValue(got.CommandStatus),
		"errors": stringList(got.Errors), "exit_code": types.Int64Null(),
		"output": types.StringNull(), "error_output": types.StringNull(), "output_truncated": types.BoolValue(false),
	}
	if script := result.script; script != nil {
		limit := m.MaxOutputBytes.ValueInt64()
		if script.HasExitCode {
			values["exit_code"] = types.Int64Value(script.ExitCode)
		}
		output, cutOutput := bounded(script.Output, limit)
		errorOutput, cutErrors := bounded(script.Errors, limit)
		values["output"], values["error_output"] = output, errorOutput
		values["output_truncated"] = types.BoolValue(cutOutput || cutErrors || result.truncated)
	}
	return types.ObjectValueMust(resultType().AttrTypes, values)
}

// commandAt is the action's command with that index; one that the service does
// not tell of yet is as good as just created.
func commandAt(action mde.MachineAction, index int) mde.ActionCommand {
	for _, command := range action.Commands {
		if command.Index == index {
			return command
		}
	}
	return mde.ActionCommand{Index: index, CommandStatus: "Created"}
}

// bounded is the text as the state keeps it: at most limit bytes, cut between
// two characters, and null when none is to be kept.
func bounded(text string, limit int64) (types.String, bool) {
	if int64(len(text)) <= limit && limit > 0 {
		return types.StringValue(text), false
	}
	if limit == 0 {
		return types.StringNull(), text != ""
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return types.StringValue(text[:cut]), true
}

func nullable(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func stringList(texts []string) types.List {
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, elements)
}

// done tells whether a status is terminal.
func done(status types.String) bool {
	return mde.MachineAction{Status: status.ValueString()}.Done()
}
