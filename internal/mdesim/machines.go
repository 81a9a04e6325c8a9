package mdesim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// machineWire is a device as the service answers it, in the recorded order.
type machineWire struct {
	ID                     string      `json:"id"`
	MergedIntoMachineID    *string     `json:"mergedIntoMachineId"`
	IsPotentialDuplication bool        `json:"isPotentialDuplication"`
	IsExcluded             bool        `json:"isExcluded"`
	ExclusionReason        *string     `json:"exclusionReason"`
	ComputerDNSName        *string     `json:"computerDnsName"`
	FirstSeen              string      `json:"firstSeen"`
	LastSeen               string      `json:"lastSeen"`
	OSPlatform             *string     `json:"osPlatform"`
	OSVersion              *string     `json:"osVersion"`
	OSProcessor            *string     `json:"osProcessor"`
	Version                *string     `json:"version"`
	LastIPAddress          *string     `json:"lastIpAddress"`
	LastExternalIPAddress  *string     `json:"lastExternalIpAddress"`
	AgentVersion           *string     `json:"agentVersion"`
	OSBuild                int64       `json:"osBuild"`
	HealthStatus           string      `json:"healthStatus"`
	DeviceValue            string      `json:"deviceValue"`
	RBACGroupID            int         `json:"rbacGroupId"`
	RBACGroupName          *string     `json:"rbacGroupName"`
	RiskScore              string      `json:"riskScore"`
	ExposureLevel          string      `json:"exposureLevel"`
	IsAADJoined            bool        `json:"isAadJoined"`
	AADDeviceID            *string     `json:"aadDeviceId"`
	MachineTags            []string    `json:"machineTags"`
	DefenderAVStatus       *string     `json:"defenderAvStatus"`
	OnboardingStatus       string      `json:"onboardingStatus"`
	OSArchitecture         *string     `json:"osArchitecture"`
	ManagedBy              *string     `json:"managedBy"`
	ManagedByStatus        string      `json:"managedByStatus"`
	IPAddresses            []ipAddress `json:"ipAddresses"`
	VMMetadata             *string     `json:"vmMetadata"`
}

type ipAddress struct {
	IPAddress         string  `json:"ipAddress"`
	MACAddress        *string `json:"macAddress"`
	Type              string  `json:"type"`
	OperationalStatus string  `json:"operationalStatus"`
}

func newMachineWire(m Machine) machineWire {
	mac := "000C2992A643"
	return machineWire{
		ID: m.ID, ComputerDNSName: nullable(m.ComputerDNSName), FirstSeen: timestamp(m.FirstSeen), LastSeen: timestamp(m.LastSeen),
		OSPlatform: nullable(m.OSPlatform), OSVersion: nullable(m.OSVersion), OSProcessor: nullable(m.OSProcessor), Version: nullable(m.Version),
		LastIPAddress: nullable(m.LastIPAddress), LastExternalIPAddress: nullable(m.LastExternalIPAddress), AgentVersion: nullable(m.AgentVersion),
		OSBuild: m.OSBuild, HealthStatus: m.HealthStatus, DeviceValue: m.DeviceValue, RBACGroupID: m.RBACGroupID, RBACGroupName: nullable(m.RBACGroupName),
		RiskScore: m.RiskScore, ExposureLevel: m.ExposureLevel, IsAADJoined: m.IsAADJoined, AADDeviceID: nullable(m.AADDeviceID),
		MachineTags: append([]string{}, m.MachineTags...), DefenderAVStatus: nullable(m.DefenderAVStatus), OnboardingStatus: m.OnboardingStatus,
		OSArchitecture: nullable(m.OSArchitecture), ManagedBy: nullable(m.ManagedBy), ManagedByStatus: "Unknown",
		IPAddresses: []ipAddress{
			{IPAddress: m.LastIPAddress, MACAddress: &mac, Type: "Ethernet", OperationalStatus: "Up"},
			{IPAddress: "127.0.0.1", Type: "SoftwareLoopback", OperationalStatus: "Up"},
		},
	}
}

// machineSet tells what the list can be filtered and ordered by.
func machineSet() entitySet[Machine] {
	return entitySet[Machine]{
		name: "Machines",
		properties: map[string]func(Machine) any{
			"id":               func(m Machine) any { return m.ID },
			"computerDnsName":  func(m Machine) any { return textOrNil(m.ComputerDNSName) },
			"version":          func(m Machine) any { return textOrNil(m.Version) },
			"deviceValue":      func(m Machine) any { return m.DeviceValue },
			"aadDeviceId":      func(m Machine) any { return textOrNil(m.AADDeviceID) },
			"machineTags":      func(m Machine) any { return m.MachineTags },
			"lastSeen":         func(m Machine) any { return m.LastSeen },
			"exposureLevel":    func(m Machine) any { return m.ExposureLevel },
			"onboardingStatus": func(m Machine) any { return m.OnboardingStatus },
			"lastIpAddress":    func(m Machine) any { return textOrNil(m.LastIPAddress) },
			"healthStatus":     func(m Machine) any { return m.HealthStatus },
			"osPlatform":       func(m Machine) any { return textOrNil(m.OSPlatform) },
			"riskScore":        func(m Machine) any { return m.RiskScore },
			"rbacGroupId":      func(m Machine) any { return float64(m.RBACGroupID) },
		},
		wire: func(m Machine) any { return newMachineWire(m) },
	}
}

func (s *Server) listMachines(r *request) response {
	answer := list(r, s.options, machineSet(), s.tenant.machines())
	if s.options.NoMachines404 && strings.Contains(string(answer.body), `"value":[]`) {
		return failed(refuse(http.StatusNotFound, "ResourceNotFound", "No machines were found."))
	}
	return answer
}

func (s *Server) getMachine(r *request) response {
	machine, err := s.tenant.machine(r.params["id"])
	if err != nil {
		return failed(err)
	}
	return odata(http.StatusOK, entity{r.metadata("Machines/$entity"), newMachineWire(machine)})
}

// machines returns the inventory by id.
func (t *tenant) machines() []Machine {
	_, leave := t.enter()
	defer leave()
	machines := make([]Machine, 0, len(t.Machines))
	for _, machine := range t.Machines {
		machines = append(machines, *machine)
	}
	slices.SortFunc(machines, func(a, b Machine) int { return cmp.Compare(a.ID, b.ID) })
	return machines
}

// machine finds a device by id or by computer name.
func (t *tenant) machine(name string) (Machine, error) {
	machines := t.machines()
	byID := slices.IndexFunc(machines, func(m Machine) bool { return strings.EqualFold(m.ID, name) })
	byName := slices.IndexFunc(machines, func(m Machine) bool { return strings.EqualFold(m.ComputerDNSName, name) })
	switch {
	case byID >= 0:
		return machines[byID], nil
	case byName >= 0:
		return machines[byName], nil
	}
	return Machine{}, noMachine(name)
}

func noMachine(id string) error {
	return refuse(http.StatusNotFound, "ResourceNotFound", "Machine %s was not found.", id)
}

// addMachine stores a device; what it lacks is that of an idle Windows client.
func (t *tenant) addMachine(m Machine, now time.Time) {
	or(&m.ComputerDNSName, fmt.Sprintf("desktop-%02d.contoso.com", len(t.Machines)+1))
	or(&m.FirstSeen, now.AddDate(0, -1, 0))
	or(&m.LastSeen, now)
	or(&m.OSPlatform, "Windows10")
	or(&m.OSProcessor, "x64")
	or(&m.OSArchitecture, "64-bit")
	or(&m.OSBuild, 19044)
	or(&m.Version, "21H2")
	or(&m.LastIPAddress, "172.20.10.4")
	or(&m.LastExternalIPAddress, "203.0.113.10")
	or(&m.AgentVersion, "10.8470.19041.2788")
	or(&m.HealthStatus, "Active")
	or(&m.RiskScore, "None")
	or(&m.ExposureLevel, "Low")
	or(&m.DeviceValue, "Normal")
	or(&m.OnboardingStatus, "Onboarded")
	or(&m.DefenderAVStatus, "Updated")
	or(&m.ManagedBy, "Intune")
	m.ID = strings.ToLower(m.ID)
	t.Machines[m.ID] = &m
}
