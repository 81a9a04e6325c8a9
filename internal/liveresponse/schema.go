package liveresponse

import (
	"fmt"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfidentity"
)

const (
	onTimeoutCancel = "cancel"
	onTimeoutLeave  = "leave"

	onFailureFail     = "fail"
	onFailureContinue = "continue"

	queueTimeout = "2h"
	resumeWithin = "24h"

	// The same as durations, for a configuration that sets them to "".
	defaultQueueTimeout = 2 * time.Hour
	defaultResumeWithin = 24 * time.Hour

	defaultMaxOutputBytes = 65536
)

func defaultTimeouts() tfduration.Defaults {
	return tfduration.Defaults{Create: 30 * time.Minute, Read: 10 * time.Minute, Update: 30 * time.Minute, Delete: 10 * time.Minute}
}

func runSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A live-response run: commands that Defender for Endpoint executes once on a device. Creating the resource starts the run, waits for its end and keeps what it left.\n\n" +
			"A change of `machine_id`, of a command's type, file, script, arguments or path, of a `sha256` that was set before, or of `triggers` runs again, as an in-place update with a new `id`. Nothing else ever does. " +
			"Every start carries a marker `[tf:…]` at the end of its comment. By it a run whose id got lost, because a connection dropped or the apply was killed, is found and taken over instead of being started a second time.\n\n" +
			tfdiag.Needs(mde.RunPermissions()) + ", to follow the run " + tfdiag.Either(mde.MachinePermissions()) + ", and for commands with a `sha256` also `" + mde.PermissionLibrary + "`. Live response must be enabled in the tenant.\n\n" +
			"Destroying the resource cancels a run that is still pending or running, forgets one that has ended, and undoes nothing on the device. Files in `results_directory` stay.",
		Attributes: map[string]schema.Attribute{
			"machine_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The device, by its machine id of 40 hexadecimal digits; `data.mde_machine` finds it by name. A change runs again, on the new device.",
				Validators:          []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9a-fA-F]{40}$`), "must be a machine id: 40 hexadecimal digits, as data.mde_machine gives it")},
			},
			"comment": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Why the run is done. The Defender portal shows it in the action center, with the run's marker at its end. A change only updates the state.",
				Validators:          []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`\S`), "must say why the run is done: the API refuses an empty comment")},
			},
			"commands": commandsAttribute(),
			"triggers": schema.MapAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Arbitrary values. A change of any runs again. Resources whose runs are otherwise the same need different triggers: without them, one that is added later takes the other's recent run for its own, of which the plan warns.",
			},
			"wait_for_completion": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
				MarkdownDescription: "Whether to wait for the run's end. Without waiting each refresh picks up the status, and the results once they are there, and warns of a failure. Defaults to `true`.",
			},
			"pending_timeout": schema.StringAttribute{
				CustomType:          tfduration.Type{},
				Optional:            true,
				MarkdownDescription: "Give up when the device has not started the run by then, for example because it is off; `on_timeout` says how. The service itself keeps a run waiting for up to 3 days. No limit by default.",
			},
			"queue_timeout": schema.StringAttribute{
				CustomType:          tfduration.Type{},
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(queueTimeout),
				MarkdownDescription: "How long to wait for a start slot: for the quota of starts, for free sessions in the tenant, and for another session on the device. `timeouts` count from the moment at which the service has accepted the run. Defaults to `2h`.",
			},
			"on_timeout": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(onTimeoutCancel),
				MarkdownDescription: fmt.Sprintf("What to do when the run has not ended within `timeouts`, or not begun within `pending_timeout`: `%s` it on the device and fail, or `%s` it alone, warn, and let a later refresh or apply pick it up. Defaults to `%s`.",
					onTimeoutCancel, onTimeoutLeave, onTimeoutCancel),
				Validators: []validator.String{stringvalidator.OneOf(onTimeoutCancel, onTimeoutLeave)},
			},
			"on_failure": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(onFailureFail),
				MarkdownDescription: fmt.Sprintf("What a failed run, or a script that ends with another exit code than 0, does: `%s` the apply, after which Terraform replaces a resource that failed to be created, so that it runs again at the next apply; "+
					"or `%s` and only record it in `succeeded`, for a `postcondition` or a `check`. Defaults to `%s`.", onFailureFail, onFailureContinue, onFailureFail),
				Validators: []validator.String{stringvalidator.OneOf(onFailureFail, onFailureContinue)},
			},
			"resume_within": schema.StringAttribute{
				CustomType:          tfduration.Type{},
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(resumeWithin),
				MarkdownDescription: "How old a run of an earlier, killed apply may be to be taken over instead of being started again. Only an unfinished or succeeded one is. Defaults to `24h`.",
			},
			"results_directory": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "A local folder into which the results are also written when the run has ended, as `<machine>_<action>_<index>_<name>`. The files are never written again, and stay when the resource is destroyed.",
			},
			"max_output_bytes": schema.Int64Attribute{
				Optional:            true,
				Computed:            true,
				Default:             int64default.StaticInt64(defaultMaxOutputBytes),
				MarkdownDescription: "How much of each script's output and error output the state keeps, in bytes; `0` keeps none. Defaults to `65536`.",
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"id":          schema.StringAttribute{Computed: true, MarkdownDescription: "The id of the machine action, a GUID. Every run has a new one."},
			"status":      schema.StringAttribute{Computed: true, MarkdownDescription: "The action's status: `Pending`, `InProgress`, `Succeeded`, `Failed`, `TimeOut` or `Cancelled`."},
			"succeeded":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the action succeeded, every command completed and every script ended with exit code 0. Null until the run has ended."},
			"results":     resultsAttribute(),
			"result_urls": schema.ListAttribute{ElementType: types.StringType, Computed: true, Sensitive: true, MarkdownDescription: "The links to the results in the order of the commands, null where a command has none: a PutFile never has. They are valid for 30 minutes from the run's end and never refreshed. A link is a credential."},
			"timeouts":    tfduration.TimeoutsAttribute(defaultTimeouts()),
		},
	}
}

func commandsAttribute() schema.ListNestedAttribute {
	sum := stringvalidator.RegexMatches(regexp.MustCompile(`^([0-9a-fA-F]{64})?$`), "must be a SHA-256: 64 hexadecimal digits")
	return schema.ListNestedAttribute{
		Required:            true,
		MarkdownDescription: "What to do, in the order in which the API takes it: all PutFile commands, then RunScript, then GetFile. When a command fails the ones after it are not run.",
		Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "`PutFile` copies a library file to the device, `RunScript` runs a library script, `GetFile` collects a file from the device.",
				Validators:          []validator.String{stringvalidator.OneOf(commandTypes()...)},
			},
			"file_name":   schema.StringAttribute{Optional: true, MarkdownDescription: "The library file that a PutFile copies."},
			"script_name": schema.StringAttribute{Optional: true, MarkdownDescription: "The library file that a RunScript runs."},
			"args":        schema.StringAttribute{Optional: true, MarkdownDescription: "The arguments of a RunScript, as one string."},
			"path":        schema.StringAttribute{Optional: true, MarkdownDescription: "The file on the device that a GetFile collects."},
			"sha256": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The content that the library file of a PutFile or RunScript must have. It is verified just before the start, and again at the end. " +
					"Use `mde_library_file.x.sha256`, which also makes a changed script run again; adding a pin to a run that is done does not.",
				Validators: []validator.String{sum},
			},
		}},
	}
}

func resultsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "What each command did: one object for each, from the start.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"index":            schema.Int64Attribute{Computed: true, MarkdownDescription: "The command's place in `commands`, from 0."},
			"type":             schema.StringAttribute{Computed: true, MarkdownDescription: "The command's type."},
			"status":           schema.StringAttribute{Computed: true, MarkdownDescription: "The command's status, such as `Created`, `Completed` or `Failed`."},
			"errors":           schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "What the service says went wrong."},
			"exit_code":        schema.Int64Attribute{Computed: true, MarkdownDescription: "The script's exit code; null for other commands and until it has ended."},
			"output":           schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The script's output, as far as `max_output_bytes` allows; null for other commands."},
			"error_output":     schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The script's error output, as far as `max_output_bytes` allows; null for other commands."},
			"output_truncated": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether either output is not kept whole."},
		}},
	}
}

func runIdentitySchema() identityschema.Schema {
	return tfidentity.Schema("id", "The id of the machine action.")
}

// defaults are the values of the settings that have one, by attribute. An
// import starts with them, so that the plan after it is empty.
func defaults() map[string]attr.Value {
	return map[string]attr.Value{
		"wait_for_completion": types.BoolValue(true),
		"queue_timeout":       types.StringValue(queueTimeout),
		"on_timeout":          types.StringValue(onTimeoutCancel),
		"on_failure":          types.StringValue(onFailureFail),
		"resume_within":       types.StringValue(resumeWithin),
		"max_output_bytes":    types.Int64Value(defaultMaxOutputBytes),
	}
}
