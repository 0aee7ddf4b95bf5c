from django.urls import path

from tests.bench.twin.views import RegisterView, WalletView

urlpatterns = [path("register", RegisterView.as_view()), path("wallet", WalletView.as_view())]
