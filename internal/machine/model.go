package machine

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

type model struct {
	ID                    types.String `tfsdk:"id"`
	ComputerDNSName       types.String `tfsdk:"computer_dns_name"`
	FirstSeen             types.String `tfsdk:"first_seen"`
	LastSeen              types.String `tfsdk:"last_seen"`
	OSPlatform            types.String `tfsdk:"os_platform"`
	OSVersion             types.String `tfsdk:"os_version"`
	OSProcessor           types.String `tfsdk:"os_processor"`
	OSArchitecture        types.String `tfsdk:"os_architecture"`
	OSBuild               types.Int64  `tfsdk:"os_build"`
	Version               types.String `tfsdk:"version"`
	LastIPAddress         types.String `tfsdk:"last_ip_address"`
	LastExternalIPAddress types.String `tfsdk:"last_external_ip_address"`
	AgentVersion          types.String `tfsdk:"agent_version"`
	HealthStatus          types.String `tfsdk:"health_status"`
	RiskScore             types.String `tfsdk:"risk_score"`
	ExposureLevel         types.String `tfsdk:"exposure_level"`
	DeviceValue           types.String `tfsdk:"device_value"`
	OnboardingStatus      types.String `tfsdk:"onboarding_status"`
	DefenderAVStatus      types.String `tfsdk:"defender_av_status"`
	RBACGroupName         types.String `tfsdk:"rbac_group_name"`
	AADDeviceID           types.String `tfsdk:"aad_device_id"`
	MachineTags           types.Set    `tfsdk:"machine_tags"`
	ManagedBy             types.String `tfsdk:"managed_by"`
}

// fromAPI returns the machine as the service describes it. The id and the name
// keep the configuration's letter case.
func (m *model) fromAPI(machine mde.Machine) {
	name := m.ComputerDNSName
	if name.ValueString() == "" {
		name = types.StringValue(machine.ComputerDNSName)
	}
	id := m.ID
	if id.ValueString() == "" {
		id = types.StringValue(machine.ID)
	}
	*m = model{
		ID:                    id,
		ComputerDNSName:       name,
		FirstSeen:             instant(machine.FirstSeen),
		LastSeen:              instant(machine.LastSeen),
		OSPlatform:            text(machine.OSPlatform),
		OSVersion:             text(machine.OSVersion),
		OSProcessor:           text(machine.OSProcessor),
		OSArchitecture:        text(machine.OSArchitecture),
		OSBuild:               types.Int64Value(machine.OSBuild),
		Version:               text(machine.Version),
		LastIPAddress:         text(machine.LastIPAddress),
		LastExternalIPAddress: text(machine.LastExternalIPAddress),
		AgentVersion:          text(machine.AgentVersion),
		HealthStatus:          text(machine.HealthStatus),
		RiskScore:             text(machine.RiskScore),
		ExposureLevel:         text(machine.ExposureLevel),
		DeviceValue:           text(machine.DeviceValue),
		OnboardingStatus:      text(machine.OnboardingStatus),
		DefenderAVStatus:      text(machine.DefenderAVStatus),
		RBACGroupName:         text(machine.RBACGroupName),
		AADDeviceID:           text(machine.AADDeviceID),
		MachineTags:           tags(machine.MachineTags),
		ManagedBy:             text(machine.ManagedBy),
	}
}

// text is null where the service says nothing.
func text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func instant(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// tags are a set that is never null, so that configurations can ask what it
// contains.
func tags(members []string) types.Set {
	elements := make([]attr.Value, len(members))
	for i, tag := range members {
		elements[i] = types.StringValue(tag)
	}
	return types.SetValueMust(types.StringType, elements)
}

// perhaps is null where the service gives no time.
func perhaps(t *time.Time) types.String {
	if t == nil {
		return types.StringNull()
	}
	return instant(*t)
}
