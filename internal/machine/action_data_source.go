package machine

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

var _ datasource.DataSourceWithConfigure = (*actionDataSource)(nil)

// NewActionDataSource returns the data source mde_machine_action.
func NewActionDataSource() datasource.DataSource { return &actionDataSource{} }

type actionDataSource struct{ tfclient.ForDataSource }

// actionModel is mde_machine_action.
type actionModel struct {
	ID                    types.String         `tfsdk:"id"`
	Type                  types.String         `tfsdk:"type"`
	Status                types.String         `tfsdk:"status"`
	Done                  types.Bool           `tfsdk:"done"`
	MachineID             types.String         `tfsdk:"machine_id"`
	ComputerDNSName       types.String         `tfsdk:"computer_dns_name"`
	Requestor             types.String         `tfsdk:"requestor"`
	RequestorComment      types.String         `tfsdk:"requestor_comment"`
	RequestSource         types.String         `tfsdk:"request_source"`
	CreationTime          types.String         `tfsdk:"creation_time"`
	LastUpdateTime        types.String         `tfsdk:"last_update_time"`
	CancellationRequestor types.String         `tfsdk:"cancellation_requestor"`
	CancellationComment   types.String         `tfsdk:"cancellation_comment"`
	CancellationTime      types.String         `tfsdk:"cancellation_time"`
	ErrorHResult          types.Int64          `tfsdk:"error_hresult"`
	TroubleshootInfo      types.String         `tfsdk:"troubleshoot_info"`
	Commands              []actionCommandModel `tfsdk:"commands"`
}

type actionCommandModel struct {
	Index     types.Int64       `tfsdk:"index"`
	Type      types.String      `tfsdk:"type"`
	Params    map[string]string `tfsdk:"params"`
	Status    types.String      `tfsdk:"status"`
	StartTime types.String      `tfsdk:"start_time"`
	EndTime   types.String      `tfsdk:"end_time"`
	Errors    []string          `tfsdk:"errors"`
}

// Metadata implements datasource.DataSource.
func (d *actionDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_machine_action"
}

// Schema implements datasource.DataSource.
func (d *actionDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What was done to a device, from the action center: a live-response run, an isolation, a scan or any other machine action, whoever started it and wherever. " +
			"The results of a run are no part of it: the ephemeral resource `mde_live_response_result` gives them.\n\n" +
			tfdiag.Needs(mde.MachinePermissions()) + ".",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The id of the action, a GUID.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`), "must be the id of a machine action: a GUID"),
				},
			},
			"type":                   text("What was done, such as `LiveResponse`, `Isolate` or `RunAntiVirusScan`."),
			"status":                 text("The status: `Pending`, `InProgress`, `Succeeded`, `Failed`, `TimeOut` or `Cancelled`."),
			"done":                   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the action has ended, in whichever way."},
			"machine_id":             text("The id of the device, null where the service tells none."),
			"computer_dns_name":      text("The DNS name of the device that the action was for."),
			"requestor":              text("Who asked for the action: a user, or an application by its id or name."),
			"requestor_comment":      text("Why. The comment of a run of Terraform's ends with the run's marker."),
			"request_source":         text("Where it was asked for: `PublicApi` or `Portal`."),
			"creation_time":          text("When the action was created, RFC 3339 in UTC."),
			"last_update_time":       text("When it last changed, RFC 3339 in UTC."),
			"cancellation_requestor": text("Who cancelled the action, null when nobody did."),
			"cancellation_comment":   text("Why it was cancelled."),
			"cancellation_time":      text("When it was cancelled, RFC 3339 in UTC."),
			"error_hresult":          schema.Int64Attribute{Computed: true, MarkdownDescription: "The HRESULT of a failure as a signed number, `0` for none."},
			"troubleshoot_info":      text("What the service adds to a failure."),
			"commands": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The commands of a live-response run; empty for other actions.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"index":      schema.Int64Attribute{Computed: true, MarkdownDescription: "The command's place in the run, from 0."},
					"type":       text("The type: `PutFile`, `RunScript` or `GetFile`."),
					"params":     schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "The parameters as the service names them, such as `ScriptName` and `Args`."},
					"status":     text("The status, such as `Created`, `Completed` or `Failed`."),
					"start_time": text("When the device began, RFC 3339 in UTC; null where the service does not tell."),
					"end_time":   text("When the command ended, RFC 3339 in UTC."),
					"errors":     schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "What the service says went wrong."},
				}},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *actionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data actionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	action, err := d.Client.MachineActions.Get(ctx, data.ID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(readingAction(data.ID.ValueString()), err))
		return
	}
	data.fromAPI(action)
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// fromAPI takes over all but the id, which keeps the configuration's letter
// case.
func (m *actionModel) fromAPI(action mde.MachineAction) {
	*m = actionModel{
		ID:                    m.ID,
		Type:                  text(action.Type),
		Status:                text(action.Status),
		Done:                  types.BoolValue(action.Done()),
		MachineID:             text(action.MachineID),
		ComputerDNSName:       text(action.ComputerDNSName),
		Requestor:             text(action.Requestor),
		RequestorComment:      text(action.RequestorComment),
		RequestSource:         text(action.RequestSource),
		CreationTime:          instant(action.CreationDateTimeUTC),
		LastUpdateTime:        instant(action.LastUpdateDateTimeUTC),
		CancellationRequestor: text(action.CancellationRequestor),
		CancellationComment:   text(action.CancellationComment),
		CancellationTime:      perhaps(action.CancellationDateTimeUTC),
		ErrorHResult:          types.Int64Value(int64(action.ErrorHResult)),
		TroubleshootInfo:      text(action.TroubleshootInfo),
		Commands:              []actionCommandModel{},
	}
	for _, command := range action.Commands {
		params := map[string]string{}
		for _, param := range command.Command.Params {
			params[param.Key] = param.Value
		}
		m.Commands = append(m.Commands, actionCommandModel{
			Index:     types.Int64Value(int64(command.Index)),
			Type:      text(command.Command.Type),
			Params:    params,
			Status:    text(command.CommandStatus),
			StartTime: perhaps(command.StartTime),
			EndTime:   perhaps(command.EndTime),
			Errors:    append([]string{}, command.Errors...),
		})
	}
}
