package machine

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

func dataSourceSchema() schema.Schema {
	attributes := machineAttributes()
	attributes["id"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "The machine id, 40 hexadecimal digits. Give either this or `computer_dns_name`.",
		Validators: []validator.String{
			stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9a-fA-F]{40}$`), "must be a machine id: 40 hexadecimal digits"),
		},
	}
	attributes["computer_dns_name"] = schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "The device's full DNS name, compared without case. A re-installed device leaves its old entry behind, so that several machines can have one name: " +
			"of these the active one that was last seen is taken, and where that does not decide, the error lists them with their ids.",
		Validators: []validator.String{
			stringvalidator.RegexMatches(regexp.MustCompile(`^\S+$`), "must be a DNS name: not empty and without white space"),
		},
	}
	return schema.Schema{
		MarkdownDescription: "A device that Defender for Endpoint knows, found by its id or by its DNS name. Its `id` is what `mde_live_response_run` takes as `machine_id`.\n\n" +
			tfdiag.Needs(mde.MachinePermissions()) + ".",
		Attributes: attributes,
	}
}

// machineAttributes describe a machine.
func machineAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":                       text("The machine id, 40 hexadecimal digits."),
		"computer_dns_name":        text("The device's full DNS name."),
		"first_seen":               text("When the device was first seen, RFC 3339 in UTC."),
		"last_seen":                text("When the device last sent a full report, RFC 3339 in UTC. Reports come once a day, so this may lag."),
		"os_platform":              text("The operating system platform, such as `Windows10`."),
		"os_version":               text("The operating system version, where the service tells it."),
		"os_processor":             text("The processor, such as `x64`."),
		"os_architecture":          text("The architecture, such as `64-bit`."),
		"os_build":                 schema.Int64Attribute{Computed: true, MarkdownDescription: "The operating system build number."},
		"version":                  text("The operating system release, such as `21H2`."),
		"last_ip_address":          text("The IP address that the device last had in its own network."),
		"last_external_ip_address": text("The last IP address from which the device reached the internet."),
		"agent_version":            text("The version of the Defender sensor."),
		"health_status":            text("The sensor's health: `Active`, `Inactive`, `ImpairedCommunication`, `NoSensorData`, `NoSensorDataImpairedCommunication` or `Unknown`."),
		"risk_score":               text("The risk score: `None`, `Informational`, `Low`, `Medium` or `High`."),
		"exposure_level":           text("The exposure level: `None`, `Low`, `Medium` or `High`."),
		"device_value":             text("The device value that was set: `Normal`, `Low` or `High`."),
		"onboarding_status":        text("The onboarding status, such as `Onboarded`."),
		"defender_av_status":       text("How Defender Antivirus stands on the device, as the device last reported it."),
		"rbac_group_name":          text("The device group, null when the device is in none."),
		"aad_device_id":            text("The Entra device id, null when the device is not joined."),
		"machine_tags":             schema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "The device's tags; empty when it has none."},
		"managed_by":               text("What manages the device, such as `Intune`."),
	}
}
