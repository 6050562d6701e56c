"""The choice of where networks run."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QWidget

from editor.engines.networks.devices import AUTO, Device


class DeviceBox(QComboBox):
    """objectName ``device``. What is chosen stays, also where it is not on this machine."""

    chosen = Signal(str)  # the device's name
    wanted = Signal()  # once: somebody wants to choose, and the devices are to be found out

    def __init__(self, device: str, parent: QWidget | None = None):
        super().__init__(parent, objectName="device", toolTip=(
            "Where networks run; with too little memory there, a fill is made smaller, then on the processor"))
        self.setAccessibleName("Device")
        self.activated.connect(lambda: self.chosen.emit(self.currentData()))
        self._asked = False
        self._list((Device(device, device),) if device != AUTO else (), device)

    def show_devices(self, devices: Sequence[Device]) -> None:
        """Offer these besides the automatic choice."""
        self._list(devices, self.currentData())

    def show_choice(self, device: str) -> None:
        """As if it had been chosen; not told."""
        if self.findData(device) < 0:
            self.addItem(f"{device} (not on this machine)", device)
        self.setCurrentIndex(self.findData(device))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self._asked:
            self._asked = True
            self.wanted.emit()

    def _list(self, devices: Sequence[Device], chosen: str) -> None:
        self.clear()
        self.addItem("Automatic", AUTO)
        for device in devices:
            self.addItem(device.title, device.name)
        self.show_choice(chosen)
