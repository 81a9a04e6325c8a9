package libraryfile

import (
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfidentity"
)

// timeoutDefaults leave room for 20 MB on a slow line and for the quota of a
// tenant that other pipelines use too.
func timeoutDefaults() tfduration.Defaults {
	return tfduration.Defaults{Create: 20 * time.Minute, Read: 10 * time.Minute, Update: 20 * time.Minute, Delete: 10 * time.Minute}
}

// nameRule is what a valid file name is, for messages and descriptions.
const nameRule = "letters, digits, `.`, `_` and `-`, at least one of them a letter or a digit"

// validName tells whether the library takes a file name.
// https://learn.microsoft.com/en-us/defender-endpoint/live-response
func validName(name string) bool { return namePattern().MatchString(name) }

func namePattern() *regexp.Regexp {
	return regexp.MustCompile(`^[._-]*[A-Za-z0-9][A-Za-z0-9._-]*$`)
}

func resourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A script or tool of the live-response library, from which live-response runs take what they put on a device or run there.\n\n" +
			"The content is hashed while planning, so that a plan shows every change of a file, and a file that was swapped in the portal as well; the next apply puts it back. An update is one upload that replaces the file in place: the file is at no moment missing.\n\n" +
			tfdiag.Needs(permissions()) + ".\n\n" +
			"Destroying the resource removes the file from the library. The local file stays.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The file name, which is what the library knows a file by.",
			},
			"source": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Path of the local file to upload, at most 20 MB. Relative paths start in the folder that Terraform runs in; `${path.module}/…` starts in the module's. Exactly one of `source`, `content` and `content_base64` must be set.",
			},
			"content": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Text to upload, encoded as UTF-8. It is kept in the state, and a plan shows its changes line by line. Needs `file_name`.",
			},
			"content_base64": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Bytes to upload, in standard base64, for content that is no text. It is kept in the state. Needs `file_name`.",
			},
			"file_name": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{stringvalidator.RegexMatches(regexp.MustCompile("^$|"+namePattern().String()), "must be made of "+nameRule)},
				MarkdownDescription: "Name of the file in the library: " + nameRule + ". Defaults, also where it is empty, to the base name of `source`, which `id` then tells, and is required with `content` and `content_base64`. Changing it renames the file in place: the new file is uploaded before the old one is deleted.",
			},
			"description": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "What the file is for, as the portal shows it.",
			},
			"parameters_description": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Which parameters the script takes, as the portal shows it to whoever runs it.",
			},
			"has_parameters": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Whether the script takes parameters. Defaults to whether `parameters_description` is set, and must not be `false` beside one.",
			},
			"line_endings": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(lineEndingsPreserve),
				Validators:          []validator.String{stringvalidator.OneOf(lineEndings()...)},
				MarkdownDescription: "Line endings of what is hashed and uploaded: `preserve` leaves the content as it is, `lf` and `crlf` convert it, so that checkouts on Windows and Linux give the same file. Converting breaks the signature of a signed script. Defaults to `preserve`.",
			},
			"override_if_exists": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether to take over and replace a file that the library already holds under a name which this resource is about to occupy. Without it, such a file is an error that shows the `import` block to use; a file that equals the configuration in everything is taken into the state with a warning. Defaults to `false`.",
			},
			"sha256": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "SHA-256 of the content that is uploaded, as lower-case hex digits. It is known while planning whenever the content is, and is the service's own hash after a refresh.",
			},
			"timeouts": tfduration.TimeoutsAttribute(timeoutDefaults()),
		},
	}
}

func identitySchema() identityschema.Schema {
	return tfidentity.Schema("file_name", "Name of the file in the library.")
}
